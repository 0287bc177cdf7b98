package io.elapid.engine;

import io.elapid.op.OpRegistry;
import org.nd4j.linalg.factory.Nd4j;

/** Sets how many threads computation may use in this process. */
final class ThreadBudget {
  private ThreadBudget() {}

  /** For our kernels and for ND4J's native operations alike, from now on. */
  static void use(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
    }
    OpRegistry.register().threads(threads);
    Nd4j.getEnvironment().setMaxThreads(threads);
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
  }
}
