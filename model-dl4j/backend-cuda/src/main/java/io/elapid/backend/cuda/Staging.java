package io.elapid.backend.cuda;

import java.nio.ByteBuffer;

/**
 * Copies between the memory of tensors and that of a device, through page-locked memory in two
 * halves: while the device copies one, the CPU fills or empties the other.
 */
final class Staging implements AutoCloseable {
  /** Large enough that starting a copy does not count. */
  static final int HALF = 4 << 20;

  private final Driver driver;
  private final long stream;
  private final Half[] halves;
  private int next;

  private record Half(NativeMemory memory, long event) {}

  Staging(Driver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
    halves = new Half[] {half(), half()};
  }

  private Half half() {
    return new Half(driver.allocateHost(HALF), driver.createEvent());
  }

  /** The half whose turn it is, once the device has done with it. */
  private Half take() {
    Half half = halves[next];
    next = 1 - next;
    driver.await(half.event());
    return half;
  }

  /** Copies all of {@code from}; the stream's later work sees it. */
  void upload(ByteBuffer from, long to) {
    upload(from, to, Storage.FLOAT32);
  }

  /** Copies all floats of {@code from} to what is stored of them. */
  void upload(ByteBuffer from, long to, Storage storage) {
    int most = floatBytes(storage);
    for (int at = 0; at < from.capacity(); at += most) {
      int bytes = Math.min(most, from.capacity() - at);
      Half half = take();
      storage.put(from, at, bytes, half.memory().bytes());
      long target = to + storage.ofFloats(at);
      driver.toDevice(target, half.memory().address(), storage.ofFloats(bytes), stream);
      driver.record(half.event(), stream);
    }
  }

  /** Bytes of floats that a half holds. */
  private static int floatBytes(Storage storage) {
    return HALF / storage.bytes() * Float.BYTES;
  }

  /** Fills {@code to} with what the stream's earlier work has left; waits for it. */
  void download(long from, ByteBuffer to) {
    download(from, to, Storage.FLOAT32);
  }

  /**
   * Fills {@code to} with the floats of which the stream's earlier work has left what is stored;
   * waits for it.
   */
  void download(long from, ByteBuffer to, Storage storage) {
    Half before = null;
    int beforeAt = 0;
    int most = floatBytes(storage);
    for (int at = 0; at < to.capacity(); at += most) {
      Half half = take();
      int bytes = storage.ofFloats(Math.min(most, to.capacity() - at));
      driver.toHost(half.memory().address(), from + storage.ofFloats(at), bytes, stream);
      driver.record(half.event(), stream);
      if (before != null) {
        empty(before, to, beforeAt, storage);
      }
      before = half;
      beforeAt = at;
    }
    if (before != null) {
      empty(before, to, beforeAt, storage);
    }
  }

  private void empty(Half half, ByteBuffer to, int at, Storage storage) {
    driver.await(half.event());
    int bytes = Math.min(floatBytes(storage), to.capacity() - at);
    storage.get(half.memory().bytes(), to, at, bytes);
  }

  @Override
  public void close() {
    for (Half half : halves) {
      driver.await(half.event());
      driver.destroyEvent(half.event());
      driver.freeHost(half.memory());
    }
  }
}
