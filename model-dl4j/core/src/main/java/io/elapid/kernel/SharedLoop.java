package io.elapid.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A loop that several threads work on, cut into parts. Each thread takes those of a share of its
 * own first, so that it meets again what it left in its cache, and then what others have not come
 * to: a core that is busy elsewhere delays one part, not half of the loop.
 */
final class SharedLoop {
  /** Parts of each share: few enough that a part is worth the preparations of its own. */
  private static final int PARTS = 4;

  private final int items;
  private final int shares;
  private final int parts;
  private final Workers.Range body;
  private final Thread owner = Thread.currentThread();
  private final AtomicIntegerArray next;
  private final AtomicInteger left;
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

  /** A loop over {@code items} in as many shares as there are threads; the caller owns it. */
  SharedLoop(int items, int shares, Workers.Range body) {
    this.items = items;
    this.shares = shares;
    this.parts = Math.min(items, shares * PARTS);
    this.body = body;
    next = new AtomicIntegerArray(shares);
    for (int s = 0; s < shares; s++) {
      next.set(s, bound(parts, shares, s));
    }
    left = new AtomicInteger(parts);
  }

  private static int bound(int count, int pieces, int piece) {
    return (int) ((long) count * piece / pieces);
  }

  /** Does parts until none is left to begin; whether there was any. */
  boolean work(int thread) {
    boolean worked = false;
    for (int s = 0; s < shares; s++) {
      int share = (thread + s) % shares;
      int end = bound(parts, shares, share + 1);
      while (next.get(share) < end) {
        int part = next.getAndIncrement(share);
        if (part < end) {
          run(part);
          worked = true;
        }
      }
    }
    return worked;
  }

  private void run(int part) {
    try {
      if (failure.get() == null) {
        body.run(bound(items, parts, part), bound(items, parts, part + 1));
      }
    } catch (Throwable e) {
      boolean own = Thread.currentThread() == owner;
      failure.compareAndSet(
          null,
          own && e instanceof RuntimeException mine
              ? mine
              : new IllegalStateException("kernel thread failed", e));
    } finally {
      if (left.decrementAndGet() == 0) {
        LockSupport.unpark(owner);
      }
    }
  }

  /** Whether every part has been done, or given up after a failure. */
  boolean isDone() {
    return left.get() == 0;
  }

  /** Throws the first failure, if there was one. */
  void rethrow() {
    RuntimeException first = failure.get();
    if (first != null) {
      throw first;
    }
  }
}
