package io.elapid.backend.cpu;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;

/** Chooses the CPU's kernel set. */
final class CpuKernels {
  private CpuKernels() {}

  static int initialThreads() {
    return Integer.getInteger("elapid.threads", 1);
  }

  static KernelSet create(int threads) {
    return new ReferenceKernels();
  }
}
