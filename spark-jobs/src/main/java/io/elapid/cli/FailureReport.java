package io.elapid.cli;

import io.elapid.data.InputException;
import io.elapid.job.RunFailedException;
import io.elapid.job.RunStoppedException;
import io.elapid.kernel.AcceleratorException;
import io.elapid.worker.MemoryAdvice;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what went wrong into what the user reads and into an exit code. */
final class FailureReport {
  static final int RUN_FAILED = 1;
  static final int BAD_INPUT = 2;

  /** What the system reports of a process that SIGTERM has ended: 128 + 15. */
  static final int STOPPED = 143;

  /** An InputException of a task, as it stands in the text of Spark's exception. */
  private static final Pattern CARRIED =
      Pattern.compile(Pattern.quote(InputException.class.getName()) + ": (.*) \\[fix: (.*)]");

  /** How executors end that ran out of memory: by their JVM (52), or killed by the system. */
  private static final Pattern KILLED = Pattern.compile("\\bcode (52|137)\\b");

  private static final String MORE_MEMORY =
      "give executors more memory (spark.executor.memory, spark.executor.memoryOverhead; see the"
          + " figures in conf/spark), or fewer tasks at once (spark.executor.cores)";

  private static final String STACK_TRACE =
      "ELAPID_STACKTRACE=1 prints the whole stack trace; on a cluster the executors' logs hold the rest";

  /** What the variable is where nobody wants to see them. */
  private static final Set<String> WITHOUT_TRACE = Set.of("", "0", "false");

  /** What Hadoop says of a kind of path that no library on the class path knows. */
  private static final Pattern UNKNOWN_PATHS =
      Pattern.compile("Class org\\.apache\\.hadoop\\.fs\\.\\S+ not found");

  private static final String MORE_LIBRARIES =
      "give Spark the library of that kind of path, for s3a: --packages"
          + " org.apache.hadoop:hadoop-aws:VERSION, that of Spark's Hadoop, before the command";

  /** What Hadoop says of a path without a letter, as a variable that is not set leaves it. */
  private static final String EMPTY_PATH = "Can not create a Path from an empty string";

  /** Pictures are often called by the time of day. */
  private static final String WITHOUT_SCHEME =
      "what stands before a colon is taken for a kind of file system, as in hdfs:; where it is part"
          + " of a name, write ./ or the folder before it";

  private FailureReport() {}

  /**
   * Prints the cause in one line and the way out in another; the stack trace only when asked for.
   */
  static int print(Throwable failure, PrintStream err) {
    if (!WITHOUT_TRACE.contains(System.getenv().getOrDefault("ELAPID_STACKTRACE", "0"))) {
      failure.printStackTrace(err);
    }
    RunStoppedException stopped = find(failure, RunStoppedException.class);
    if (stopped != null) {
      return STOPPED;
    }
    if (isEnding()) {
      err.println("elapid: told to end before it was done");
      err.println("   fix: submit the same command again; it goes on from what it had finished");
      return STOPPED;
    }
    InputException input = find(failure, InputException.class);
    if (input != null) {
      err.println("elapid: " + input.getMessage());
      err.println("   fix: " + input.remedy());
      return BAD_INPUT;
    }
    Matcher carried = CARRIED.matcher(String.valueOf(root(failure).getMessage()));
    if (carried.find()) {
      err.println("elapid: " + carried.group(1));
      err.println("   fix: " + carried.group(2));
      return BAD_INPUT;
    }
    if (EMPTY_PATH.equals(root(failure).getMessage())) {
      err.println("elapid: a path is empty");
      err.println("   fix: see that the variables in the command are set");
      return BAD_INPUT;
    }
    if (root(failure) instanceof URISyntaxException path) {
      err.println("elapid: '%s' is no path: %s".formatted(path.getInput(), path.getReason()));
      err.println("   fix: " + WITHOUT_SCHEME);
      return BAD_INPUT;
    }
    Optional<String> memory = MemoryAdvice.OTHERWISE.of(failure);
    if (memory.isPresent()) {
      err.println("elapid: out of memory: " + oneLine(telling(failure)));
      err.println("   fix: " + memory.get());
      return BAD_INPUT;
    }
    RunFailedException run = find(failure, RunFailedException.class);
    err.println("elapid: " + (run != null ? run.getMessage() : oneLine(telling(failure))));
    err.println("   fix: " + remedy(failure));
    return RUN_FAILED;
  }

  /** Whether the process is being ended: Spark then stops under whatever is under way. */
  static boolean isEnding() {
    Thread hook = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException shutdownInProgress) {
      return true;
    }
  }

  private static String remedy(Throwable failure) {
    String root = String.valueOf(root(failure).getMessage());
    if (KILLED.matcher(root).find()) {
      return MORE_MEMORY;
    }
    if (UNKNOWN_PATHS.matcher(root).find()) {
      return MORE_LIBRARIES;
    }
    return StorageAdvice.of(failure).orElse(STACK_TRACE);
  }

  /**
   * The one that tells most: of trouble with files the outermost, which knows which file it was; of
   * trouble with a device likewise, which knows the operation.
   */
  private static Throwable telling(Throwable failure) {
    AcceleratorException ofDevice = find(failure, AcceleratorException.class);
    if (ofDevice != null) {
      return ofDevice;
    }
    IOException ofFiles = find(failure, IOException.class);
    return ofFiles != null && ofFiles.getMessage() != null ? ofFiles : root(failure);
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    String first = message.lines().findFirst().orElse(message);
    return failure.getClass().getSimpleName().contains("SparkException")
        ? first
        : failure.getClass().getSimpleName() + ": " + first;
  }

  private static Throwable root(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null && at.getCause() != at) {
      at = at.getCause();
    }
    return at;
  }

  private static <T extends Throwable> T find(Throwable failure, Class<T> type) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
    }
    return null;
  }
}
