package io.elapid.data.loader;

import io.elapid.data.image.Image;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The memory of one batch: direct, native order, float32. */
record Buffers(ByteBuffer images, ByteBuffer targets) {

  private static Buffers allocate(int capacity, int imageSize, int classes) {
    int imageBytes = Math.multiplyExact(4 * Image.CHANNELS * capacity, imageSize * imageSize);
    return new Buffers(direct(imageBytes), direct(Math.multiplyExact(4 * capacity, classes)));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Buffers that have been given back, to be filled again. */
  static final class Pool {
    private final int capacity;
    private final int imageSize;
    private final int classes;
    private final BlockingQueue<Buffers> free;

    Pool(int capacity, int imageSize, int classes, int keep) {
      this.capacity = capacity;
      this.imageSize = imageSize;
      this.classes = classes;
      this.free = new LinkedBlockingQueue<>(keep);
    }

    Buffers take() {
      Buffers buffers = free.poll();
      return buffers != null ? buffers : allocate(capacity, imageSize, classes);
    }

    /** More than {@code keep} are left to the garbage collector. */
    void give(Batch batch) {
      if (batch.capacity() != capacity
          || batch.imageSize() != imageSize
          || batch.classes() != classes) {
        throw new IllegalArgumentException("the batch is not of this loader");
      }
      batch.images().clear();
      batch.targets().clear();
      boolean unused = free.offer(new Buffers(batch.images(), batch.targets()));
    }
  }
}
