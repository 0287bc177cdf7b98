package io.elapid.checkpoint.pickle;

import java.util.Collections;
import java.util.List;

/** A tuple; equal to itself only, so that hashing one never walks through a hostile structure. */
public final class PyTuple {
  private final List<Object> items;

  PyTuple(List<Object> items) {
    this.items = Collections.unmodifiableList(items);
  }

  /** The items; None is null. */
  public List<Object> items() {
    return items;
  }

  /** Number of items. */
  public int size() {
    return items.size();
  }

  /**
   * Item {@code index} as a value of that type.
   *
   * @throws PickleException if there is none or it is of another type
   */
  public <T> T get(int index, Class<T> type) {
    if (index >= items.size() || !type.isInstance(items.get(index))) {
      throw new PickleException("calls a function with other arguments than expected");
    }
    return type.cast(items.get(index));
  }
}
