package io.elapid.backend.cuda;

import io.elapid.kernel.DeviceSums.Patience;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a device was asked to do and has not been waited for. Any thread may wait, and none comes
 * back before the work is done because another waits for it too.
 */
final class UnsettledWork {
  private final String description;
  private String first = "";
  private String last = "";
  private int operations;
  private Optional<Patience> patience = Optional.empty();

  /**
   * @param description the device, as an error names it
   */
  UnsettledWork(String description) {
    this.description = description;
  }

  /** An operation has left something to do. */
  synchronized void leaves(String operation) {
    if (operations++ == 0) {
      first = operation;
      patience = Optional.empty();
    }
    last = operation;
  }

  /**
   * Waits until all is done. After a wait that was in vain the next one has what patience that one
   * left.
   *
   * @param done whether the device has done it all
   * @throws CudaException as {@link Device#settle} says
   */
  synchronized void settle(BooleanSupplier done) {
    if (operations == 0) {
      return;
    }
    Patience left = patience.orElseGet(Waiting::patience);
    patience = Optional.of(left);
    String since =
        operations == 1
            ? first
            : "one of %d operations, from %s to %s".formatted(operations, first, last);
    try {
      Waiting.until(() -> isDone(done), left);
    } catch (CudaException e) {
      throw new CudaException("%s on %s: %s".formatted(since, description, e.getMessage()), e);
    }
  }

  private boolean isDone(BooleanSupplier done) {
    boolean open = false;
    try {
      open = !done.getAsBoolean();
      return !open;
    } finally {
      // after a failure too: the driver refuses every later call then
      if (!open) {
        operations = 0;
      }
    }
  }
}
