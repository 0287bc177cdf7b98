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
    for (int at = 0; at < from.capacity(); at += HALF) {
      int bytes = Math.min(HALF, from.capacity() - at);
      Half half = take();
      half.memory().bytes().put(0, from, at, bytes);
      driver.toDevice(to + at, half.memory().address(), bytes, stream);
      driver.record(half.event(), stream);
    }
  }

  /** Fills {@code to} with what the stream's earlier work has left; waits for it. */
  void download(long from, ByteBuffer to) {
    Half before = null;
    int beforeAt = 0;
    for (int at = 0; at < to.capacity(); at += HALF) {
      Half half = take();
      int bytes = Math.min(HALF, to.capacity() - at);
      driver.toHost(half.memory().address(), from + at, bytes, stream);
      driver.record(half.event(), stream);
      if (before != null) {
        empty(before, to, beforeAt);
      }
      before = half;
      beforeAt = at;
    }
    if (before != null) {
      empty(before, to, beforeAt);
    }
  }

  private void empty(Half half, ByteBuffer to, int at) {
    driver.await(half.event());
    to.put(at, half.memory().bytes(), 0, Math.min(HALF, to.capacity() - at));
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
