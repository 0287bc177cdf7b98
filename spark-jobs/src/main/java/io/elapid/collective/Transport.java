package io.elapid.collective;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream of bytes to another process and back. One thread writes, another one reads; anyone may
 * close.
 */
interface Transport extends Closeable {

  /** Writes all that remains in all of the buffers. */
  void write(ByteBuffer... message) throws IOException;

  /** Reads at least a byte into a buffer that has room; -1 at the end. */
  int read(ByteBuffer target) throws IOException;

  /** Says that nothing more will be written, so that the other end reads what was and an end. */
  void finishWriting() throws IOException;

  /** Bytes that were put on the wire. */
  long sent();

  /** Bytes that came over the wire. */
  long received();
}
