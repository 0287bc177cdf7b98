package io.elapid.worker;

import io.elapid.data.InputException;
import io.elapid.kernel.AcceleratorException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Which setting is too small when memory has run out, and what may be lowered instead.
 *
 * <p>Tasks throw an {@link InputException} that says so instead of an {@link OutOfMemoryError}:
 * Spark kills an executor whose task ends in an Error, and with it what else is to be told.
 */
public enum MemoryAdvice {
  /** While a network learns. */
  TRAINING(
      "lower batch.size / batch.shards, or set cluster.recompute = maps if it is not",
      MemoryAdvice.LESS_LOADED),

  /** While a network answers. */
  ANSWERING("lower evaluation.batch-size (batchSize of an ElapidModel)", MemoryAdvice.LESS_LOADED),

  /** While files are read and written. */
  FILES(MemoryAdvice.FEWER_TASKS, MemoryAdvice.FEWER_TASKS),

  /** Where no recipe says how much is done at once. */
  OTHERWISE("lower --batch where there is one", "ask for less at once");

  private static final String LESS_LOADED = "lower data.prefetch and data.loader-threads";
  private static final String FEWER_TASKS =
      "lower spark.executor.cores, so that fewer tasks share it";

  private final String less;
  private final String lessOnHeap;

  MemoryAdvice(String less, String lessOnHeap) {
    this.less = less;
    this.lessOnHeap = lessOnHeap;
  }

  /** That for a rank in some phase of a run that trains. */
  static MemoryAdvice in(Phase phase) {
    return phase == Phase.EVALUATE ? ANSWERING : TRAINING;
  }

  /** What to change, if the cause of a failure is that memory has run out. */
  public Optional<String> of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (message.contains("maxPhysicalBytes")) {
        return Optional.of(ofProcess());
      }
      if (at instanceof AcceleratorException accelerator && accelerator.isOutOfMemory()) {
        return Optional.of(less + "; nvidia-smi on that host shows who else uses the GPU's memory");
      }
      if (at instanceof OutOfMemoryError) {
        return Optional.of(ofJvm(message));
      }
    }
    return Optional.empty();
  }

  /**
   * To be called with what a task ends in, before that is thrown.
   *
   * @throws InputException instead, if the cause is that memory has run out
   */
  public void throwInstead(Throwable failure) {
    Optional<String> advice = of(failure);
    if (advice.isPresent()) {
      throw new InputException("out of memory: " + failure.getMessage(), advice.get());
    }
  }

  /**
   * What a task computes.
   *
   * @throws InputException where memory runs out
   */
  public <T> T guarding(Callable<T> task) throws Exception {
    try {
      return task.call();
    } catch (Throwable failure) {
      throwInstead(failure);
      throw failure;
    }
  }

  private String ofProcess() {
    return "raise -Dorg.bytedeco.javacpp.maxphysicalbytes, the limit of the whole process"
        + " (ELAPID_PROCESS_MEMORY, or spark.executor.extraJavaOptions), and with it"
        + " spark.executor.memoryOverhead; or "
        + less;
  }

  private String ofJvm(String message) {
    if (message.contains("direct buffer")) {
      return "raise -XX:MaxDirectMemorySize in spark.executor.extraJavaOptions (it is as large as"
          + " the heap unless set), or "
          + lessOnHeap;
    }
    if (message.contains("thread")) {
      return "raise the limit of threads (ulimit -u, or the container's pids limit), or lower"
          + " data.loader-threads";
    }
    if (message.contains("heap") || message.contains("GC overhead")) {
      return "raise spark.executor.memory (--executor-memory; --driver-memory with a local master,"
          + " -Xmx in ELAPID_JAVA_OPTIONS without Spark), or "
          + lessOnHeap;
    }
    return ofProcess();
  }
}
