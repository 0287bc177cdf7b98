package io.elapid.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What somebody takes on the way to something that owns it, given back, the last first, if that
 * never comes to be: memory that a device reaches is not collected as garbage.
 */
final class Takings implements AutoCloseable {
  private final Deque<Runnable> returns = new ArrayDeque<>();

  /** Takes something that {@code giveBack} gives back. */
  <T> T add(T taken, Consumer<? super T> giveBack) {
    returns.push(() -> giveBack.accept(taken));
    return taken;
  }

  /** It has come to be, and owns everything from now on. */
  void keep() {
    returns.clear();
  }

  @Override
  public void close() {
    returns.forEach(Runnable::run);
  }
}
