package io.elapid.collective;

import java.io.IOException;

/** A peer said something that it should not have; the message continues "rank 3 (host:port)". */
final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
