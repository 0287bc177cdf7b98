package io.elapid.kernel;

/**
 * Memory that a device and the CPU reach by the same addresses: what a network's tensors are kept
 * in, so that kernels on the device find them where they are.
 *
 * <p>The device may still be writing when a kernel's call has returned. Whoever reads or writes the
 * memory on the CPU calls {@link KernelSet#settle} first.
 */
public interface UnifiedMemory {
  /** A piece of it, zero at first, beginning where a line of the cache does. */
  interface Block extends AutoCloseable {
    /** Where it begins. */
    long address();

    /** Brings some of it to the device ahead of its use there. */
    void toDevice(long offset, long bytes);

    /** Brings some of it to the CPU ahead of its use there, once the device has done with it. */
    void toHost(long offset, long bytes);

    /** Gives it back, once the device has done with it. */
    @Override
    void close();
  }

  /** Takes a piece. */
  Block allocate(long bytes);
}
