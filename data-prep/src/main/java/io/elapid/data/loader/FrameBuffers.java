package io.elapid.data.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Direct memory for batches of different sizes: every buffer is as large as the largest needs, and
 * limited to what a batch fills.
 */
final class FrameBuffers {
  private final int capacity;
  private final BlockingQueue<ByteBuffer> free;

  /**
   * A pool.
   *
   * @param capacity bytes of each buffer
   * @param keep buffers that are kept for reuse
   */
  FrameBuffers(long capacity, int keep) {
    this.capacity = Math.toIntExact(capacity);
    this.free = new LinkedBlockingQueue<>(keep);
  }

  /** A buffer with so many bytes up to its limit, of any content. */
  ByteBuffer take(long bytes) {
    ByteBuffer buffer = free.poll();
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }
    return buffer.clear().limit(Math.toIntExact(bytes));
  }

  /** More than are kept are left to the garbage collector. */
  void give(ByteBuffer buffer) {
    if (buffer.capacity() != capacity) {
      throw new IllegalArgumentException("the batch is not of this loader");
    }
    boolean unused = free.offer(buffer);
  }
}
