package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;

/**
 * A stretch of elements in a file.
 *
 * @param key what the file calls it
 * @param elements how many it has
 * @param skipped elements of the file's stretch before this one's first
 */
record TorchStorage(String key, DType type, long elements, long skipped) {
  TorchStorage {
    if (elements < 0 || skipped < 0 || elements + skipped > Integer.MAX_VALUE / type.bytes()) {
      throw new PickleException("has a storage of %d elements".formatted(elements));
    }
  }

  long bytes() {
    return elements * type.bytes();
  }
}
