package io.elapid.worker;

import io.elapid.data.InputException;
import io.elapid.kernel.AcceleratorException;
import java.util.Optional;

/** Which setting is too small when memory has run out. */
final class MemoryAdvice {
  private static final String LESS_AT_ONCE =
      "lower batch.size / batch.shards, or set cluster.recompute = maps if it is not";

  private static final String OF_PROCESS =
      "raise -Dorg.bytedeco.javacpp.maxphysicalbytes, the limit of the whole process"
          + " (ELAPID_PROCESS_MEMORY, or spark.executor.extraJavaOptions), and with it"
          + " spark.executor.memoryOverhead; or "
          + LESS_AT_ONCE;

  private static final String OF_ACCELERATOR =
      LESS_AT_ONCE + "; nvidia-smi on that host shows who else uses the GPU's memory";

  private MemoryAdvice() {}

  /** What to change, if the cause of a failure is that memory has run out. */
  static Optional<String> of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (message.contains("maxPhysicalBytes")) {
        return Optional.of(OF_PROCESS);
      }
      if (at instanceof AcceleratorException accelerator && accelerator.isOutOfMemory()) {
        return Optional.of(OF_ACCELERATOR);
      }
      if (at instanceof OutOfMemoryError) {
        return Optional.of(ofHeap(message));
      }
    }
    return Optional.empty();
  }

  /**
   * What to throw instead of a failure that comes from too little memory: Spark kills an executor
   * whose task ends in an Error, and with it what else is to be told.
   */
  static Optional<InputException> instead(Throwable failure) {
    return of(failure)
        .map(advice -> new InputException("out of memory: " + failure.getMessage(), advice));
  }

  private static String ofHeap(String message) {
    if (message.contains("direct buffer")) {
      return "raise -XX:MaxDirectMemorySize in spark.executor.extraJavaOptions (it is as large as"
          + " the heap unless set), or lower data.prefetch";
    }
    if (message.contains("thread")) {
      return "raise the limit of threads (ulimit -u, or the container's pids limit), or lower"
          + " data.loader-threads";
    }
    if (message.contains("heap") || message.contains("GC overhead")) {
      return "raise spark.executor.memory (--executor-memory; --driver-memory with a local master),"
          + " or lower data.prefetch and data.loader-threads";
    }
    return OF_PROCESS;
  }
}
