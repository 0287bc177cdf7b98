package io.elapid.data.shard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory that row groups are read into, one after the other, by any number of shards of one
 * thread.
 *
 * <p>It lies outside the heap, where the operating system puts bytes without another copy, is as
 * large as the largest row group so far and is freed with this object.
 */
public final class ReadBuffer {
  private static final int STEP = 1 << 20;

  private ByteBuffer bytes = ByteBuffer.allocate(0);

  /** The first {@code length} bytes, whose content is lost to whoever had them before. */
  ByteBuffer take(int length) {
    if (bytes.capacity() < length) {
      // Rounded up: the next row group is likely to be a little larger.
      bytes = ByteBuffer.allocateDirect(Math.max(length, length / STEP * STEP + STEP));
    }
    return bytes.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
