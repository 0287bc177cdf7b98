package io.elapid.backend.cuda;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A {@code libcuda.so.1} of the module's .cu files, compiled by g++ over the emulation in {@code
 * src/test/cuda}. Built once for the same files.
 */
public final class StandIn {
  /** System property: folder of the .cu files. */
  static final String SOURCES = "elapid.cuda.sources";

  private static final long SECONDS = 240;
  private static final int COMPILERS = 2;
  private static final Storage[] ONLY_FLOAT = {Storage.FLOAT32};

  /** What it is built for. */
  public enum Flavour {
    /** Speed. */
    FAST("-O2"),
    /** Looking for accesses out of bounds. */
    ADDRESS_SANITIZER("-O1", "-g", "-fsanitize=address", "-fno-omit-frame-pointer");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> flags;

    Flavour(String... flags) {
      this.flags = List.of(flags);
    }
  }

  private StandIn() {}

  /** Why it cannot be built here, if it cannot. */
  public static Optional<String> obstacle() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      return Optional.of("the emulation switches stacks on Linux on x86-64 only, not on " + system);
    }
    return onPath("g++") ? Optional.empty() : Optional.of("g++ was not found");
  }

  static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Folder of the .cu files. */
  static Path sources() {
    return Path.of(System.getProperty(SOURCES));
  }

  private static Path emulation() {
    return Path.of(System.getProperty("elapid.cuda.emulation"));
  }

  /** Where the library is, built now if need be. */
  public static Path library(Flavour flavour) throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (Path folder : List.of(sources(), emulation())) {
      try (Stream<Path> all = Files.list(folder)) {
        all.sorted().forEach(files::add);
      }
    }
    String name = flavour.name().toLowerCase(Locale.ROOT) + "-" + hash(flavour, files);
    Path folder = Path.of(System.getProperty("elapid.cuda.build"), name);
    Path library = folder.resolve("libcuda.so.1");
    buildOnce(flavour, files, List.of(), folder, library);
    return library;
  }

  /** A {@code libnvidia-ml.so.1} for the devices of that library, built now if need be. */
  static Path management() throws IOException, InterruptedException {
    Path source = Path.of(System.getProperty("elapid.nvml.standin"));
    return small("libnvidia-ml.so.1", source, "nvml-", List.of());
  }

  /** A {@code libnccl.so.2} over the stand-in for the driver, both built now if need be. */
  public static Path communicator() throws IOException, InterruptedException {
    Path source = Path.of(System.getProperty("elapid.nccl.standin"));
    Path driver = library(Flavour.FAST);
    Path folder = driver.getParent();
    String prefix = "nccl-" + folder.getFileName() + "-";
    return small(
        "libnccl.so.2", source, prefix, List.of(driver.toString(), "-Wl,-rpath," + folder));
  }

  private static Path small(String library, Path source, String prefix, List<String> linked)
      throws IOException, InterruptedException {
    String name = prefix + hash(Flavour.FAST, List.of(source));
    Path folder = Path.of(System.getProperty("elapid.cuda.build"), name);
    Path file = folder.resolve(library);
    buildOnce(Flavour.FAST, List.of(source), linked, folder, file);
    return file;
  }

  private static String hash(Flavour flavour, List<Path> files) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(flavour.flags.toString().getBytes(StandardCharsets.UTF_8));
      for (Path file : files) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of the JVMs that run tests side by side one builds and the others wait for it. */
  private static synchronized void buildOnce(
      Flavour flavour, List<Path> files, List<String> linked, Path folder, Path library)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    try (FileChannel lock =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !Files.exists(library)) {
        build(flavour, files, linked, folder, library);
      }
    }
  }

  private static void build(
      Flavour flavour, List<Path> files, List<String> linked, Path folder, Path library)
      throws IOException, InterruptedException {
    List<String> common = new ArrayList<>(List.of("g++", "-std=c++17", "-fPIC"));
    common.addAll(flavour.flags);
    List<List<String>> compilations = new ArrayList<>();
    List<String> link = new ArrayList<>(common);
    for (Path file : files) {
      if (file.toString().endsWith(".cpp")) {
        link.add(compilation(file, folder, "", new ArrayList<>(common), compilations));
      } else if (file.toString().endsWith(".cu")) {
        for (Storage storage : hasKinds(file) ? Storage.values() : ONLY_FLOAT) {
          List<String> command = new ArrayList<>(common);
          command.addAll(List.of("-Wno-unknown-pragmas", "-I" + sources()));
          command.addAll(List.of("-include", emulation().resolve("emulation.h").toString()));
          macros(storage).forEach(macro -> command.add("-D" + macro));
          link.add(compilation(file, folder, storage.named(""), command, compilations));
        }
      }
    }
    compile(compilations);
    link.addAll(linked);
    Path unfinished = folder.resolve("unfinished.so");
    link.addAll(List.of("-shared", "-Wl,-soname," + library.getFileName()));
    link.addAll(List.of("-o", unfinished.toString()));
    compile(List.of(link));
    Files.move(unfinished, library, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Adds that of a file to an object, which it returns. */
  private static String compilation(
      Path file, Path folder, String suffix, List<String> command, List<List<String>> to) {
    String object = folder.resolve(file.getFileName() + suffix + ".o").toString();
    command.addAll(List.of("-c", "-x", "c++", file.toString(), "-o", object));
    to.add(command);
    return object;
  }

  /** Whether a file of kernels is compiled for every kind of storage. */
  static boolean hasKinds(Path file) throws IOException {
    return Files.readString(file).contains("STORED_");
  }

  /** What it is compiled with for one of them, see {@code storage.cuh}. */
  static List<String> macros(Storage storage) {
    return switch (storage) {
      case FLOAT32 -> List.of();
      case BFLOAT16 -> List.of("STORAGE=BFloat16", "SUFFIX=" + storage.named(""));
      case FLOAT16 -> List.of("STORAGE=Float16", "SUFFIX=" + storage.named(""));
    };
  }

  /** Runs all commands, some at a time. */
  private static void compile(List<List<String>> commands)
      throws IOException, InterruptedException {
    Deque<Process> running = new ArrayDeque<>();
    for (List<String> command : commands) {
      if (running.size() == COMPILERS) {
        await(running.remove());
      }
      running.add(new ProcessBuilder(command).inheritIO().start());
    }
    while (!running.isEmpty()) {
      await(running.remove());
    }
  }

  private static void await(Process process) throws InterruptedException {
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("g++ took more than " + SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException("g++ failed: " + process.info().commandLine().orElse(""));
    }
  }
}
