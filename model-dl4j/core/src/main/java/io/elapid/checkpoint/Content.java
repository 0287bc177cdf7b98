package io.elapid.checkpoint;

import java.io.IOException;
import java.io.OutputStream;

/** What a file is to hold. */
@FunctionalInterface
public interface Content {
  /** Writes it to {@code out}, which stays open. */
  void writeTo(OutputStream out) throws IOException;
}
