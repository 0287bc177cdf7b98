package io.elapid.backend.cuda;

import io.elapid.kernel.UnifiedMemory;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory that the driver lets device and CPU reach by the same addresses, moving pages to where
 * they are used. Needs a device that lets the CPU go on while it computes.
 */
final class UnifiedBlocks implements UnifiedMemory {
  private final Device device;
  private final TreeMap<Long, Long> sizes = new TreeMap<>();

  UnifiedBlocks(Device device) {
    this.device = device;
  }

  /** Whether all of the bytes lie in one block. */
  synchronized boolean holds(long address, long bytes) {
    Map.Entry<Long, Long> block = sizes.floorEntry(address);
    return block != null && address + bytes <= block.getKey() + block.getValue();
  }

  @Override
  public synchronized Block allocate(long bytes) {
    device.enter();
    Allocated block = new Allocated(device.driver().allocateUnified(bytes), bytes);
    sizes.put(block.address, bytes);
    try {
      device.driver().clear(block.address, bytes, device.stream());
      device.leaves("clearing memory");
      device.settle();
      return block;
    } catch (CudaException e) {
      try {
        block.close();
      } catch (CudaException stuck) {
        e.addSuppressed(stuck);
      }
      throw e;
    }
  }

  /** Bytes of all blocks. */
  synchronized long heldBytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private synchronized void free(long address) {
    if (sizes.containsKey(address)) {
      device.settleBeforeClosing();
      device.enter();
      device.driver().free(address);
      sizes.remove(address);
    }
  }

  private final class Allocated implements Block {
    private final long address;
    private final long size;

    private Allocated(long address, long size) {
      this.address = address;
      this.size = size;
    }

    @Override
    public long address() {
      return address;
    }

    @Override
    public void toDevice(long offset, long bytes) {
      move(offset, bytes, device.ordinal());
    }

    @Override
    public void toHost(long offset, long bytes) {
      move(offset, bytes, Driver.HOST);
    }

    private void move(long offset, long bytes, int where) {
      if (offset < 0 || offset + bytes > size) {
        throw new IndexOutOfBoundsException(
            "bytes [%d, %d) of a block of %d".formatted(offset, offset + bytes, size));
      }
      if (bytes > 0) {
        device.enter();
        device.driver().prefetch(address + offset, bytes, where, device.stream());
      }
    }

    @Override
    public void close() {
      free(address);
    }
  }
}
