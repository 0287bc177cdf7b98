package io.elapid.predict;

import java.io.IOException;

/** An encoded picture, JPEG or PNG, to be read when its turn comes. */
public interface Picture {
  /** What predictions and messages call it. */
  String name();

  /**
   * The file's bytes.
   *
   * @throws IOException if they cannot be had; the picture then counts as unreadable
   */
  byte[] read() throws IOException;
}
