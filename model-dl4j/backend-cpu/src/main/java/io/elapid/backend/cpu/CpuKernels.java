package io.elapid.backend.cpu;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel sets of this backend and the choice between them: {@code vector} where the JVM was
 * started with the Vector API's module, else {@code reference}. {@code
 * -Delapid.kernels=reference|vector} forces one; the choice is logged once.
 */
enum CpuKernels {
  VECTOR {
    @Override
    KernelSet create(int threads) {
      return new VectorKernels(threads);
    }
  },
  REFERENCE {
    @Override
    KernelSet create(int threads) {
      return new ReferenceKernels();
    }
  };

  static final String PROPERTY = "elapid.kernels";
  private static final String MODULE = "jdk.incubator.vector";

  /** A kernel set on that many threads. */
  abstract KernelSet create(int threads);

  /** Chooses, and says so in the log. */
  static CpuKernels choose() {
    Logger log = LoggerFactory.getLogger(CpuKernels.class);
    String forced = System.getProperty(PROPERTY, "");
    boolean available = ModuleLayer.boot().findModule(MODULE).isPresent();
    switch (forced) {
      case "reference" -> {
        log.info("Kernels: reference (forced by -D{})", PROPERTY);
        return REFERENCE;
      }
      case "vector", "" -> {
        if (available) {
          log.info("Kernels: vector, {} floats a register", Lanes.WIDTH);
          return VECTOR;
        }
        log.warn(
            "Kernels: reference, which are slow; start Java with --add-modules={} for the vector ones",
            MODULE);
        return REFERENCE;
      }
      default ->
          throw new IllegalArgumentException(
              "-D" + PROPERTY + "=" + forced + ": say reference or vector");
    }
  }

  /**
   * Threads that kernels use until somebody sets another number: {@code -Delapid.threads}, else 1.
   */
  static int initialThreads() {
    return Integer.getInteger("elapid.threads", 1);
  }
}
