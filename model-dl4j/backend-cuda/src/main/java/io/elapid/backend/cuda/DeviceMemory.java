package io.elapid.backend.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory of a device, in blocks that are used again: a step of training asks for the same sizes
 * every time, and allocation would wait for the device. A small block has exactly the bytes that
 * were asked for, so that tools which look for accesses out of bounds see them; large ones come in
 * few sizes, so that layers of many sizes share them.
 *
 * <p>Giving a block back is safe while kernels still use it: whoever takes it next comes later on
 * the same stream.
 */
final class DeviceMemory implements AutoCloseable {
  /** Bytes from which blocks are rounded up: by less than a quarter. */
  private static final long LARGE = 1 << 20;

  private final Driver driver;
  private final long stream;
  private final Map<Long, Deque<Long>> free = new HashMap<>();
  private final Map<Long, Long> sizes = new HashMap<>();

  DeviceMemory(Driver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  /** The address of a block whose contents are undefined. */
  long take(long wanted) {
    long bytes = rounded(wanted);
    Deque<Long> blocks = free.get(bytes);
    if (blocks != null && !blocks.isEmpty()) {
      return blocks.pop();
    }
    long address;
    try {
      address = driver.allocate(bytes);
    } catch (CudaException e) {
      // what was given back may have work before it that is not done
      driver.synchronize(stream);
      if (freeUnused() == 0) {
        throw e;
      }
      address = driver.allocate(bytes);
    }
    sizes.put(address, bytes);
    return address;
  }

  /** To a multiple of a quarter of the power of two below, where that is much. */
  private static long rounded(long bytes) {
    if (bytes < LARGE) {
      return bytes;
    }
    long quarter = Long.highestOneBit(bytes) / 4;
    return (bytes + quarter - 1) / quarter * quarter;
  }

  /** Gives a block back. */
  void give(long address) {
    free.computeIfAbsent(sizes.get(address), size -> new ArrayDeque<>()).push(address);
  }

  /** Bytes held, used and unused. */
  long heldBytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns what nobody uses to the driver; number of blocks. */
  private int freeUnused() {
    int freed = 0;
    for (Deque<Long> blocks : free.values()) {
      for (long address : blocks) {
        driver.free(address);
        sizes.remove(address);
        freed++;
      }
      blocks.clear();
    }
    return freed;
  }

  @Override
  public void close() {
    freeUnused();
    if (!sizes.isEmpty()) {
      throw new IllegalStateException(sizes.size() + " blocks of device memory are still in use");
    }
  }
}
