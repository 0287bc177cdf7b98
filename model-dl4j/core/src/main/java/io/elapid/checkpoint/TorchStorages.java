package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The storages of one file, read when they are first wanted. What they and copies of them take of
 * memory stands in proportion to the file, whatever it claims.
 */
final class TorchStorages {
  /** Zeros compress a thousandfold and strides repeat, but no network is made of those. */
  private static final long MAX_GROWTH = 16;

  private static final long ALWAYS_ALLOWED = 64L << 20;

  /** Where a container keeps its storages. */
  interface Source {
    /** All elements of the stretch {@code storage.key()}, or of its part after those skipped. */
    ByteBuffer read(TorchStorage storage) throws IOException;
  }

  private final Source source;
  private final Map<TorchStorage, ByteBuffer> loaded = new HashMap<>();
  private long allowance;

  TorchStorages(Source source, long fileBytes) {
    this.source = source;
    this.allowance = Math.max(ALWAYS_ALLOWED, MAX_GROWTH * fileBytes);
  }

  /** Counts memory that is about to be taken. */
  void claim(String what, long bytes) {
    if (bytes > Integer.MAX_VALUE || bytes > allowance) {
      throw new PickleException(
          "has more data than a file of its size can hold: %s of %d bytes".formatted(what, bytes));
    }
    allowance -= bytes;
  }

  ByteBuffer load(TorchStorage storage) throws IOException {
    ByteBuffer bytes = loaded.get(storage);
    if (bytes == null) {
      claim("storage " + storage.key(), storage.bytes());
      bytes = source.read(storage);
      loaded.put(storage, bytes);
    }
    return bytes;
  }
}
