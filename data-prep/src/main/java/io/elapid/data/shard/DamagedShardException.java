package io.elapid.data.shard;

import java.io.IOException;

/** What was read is not what was written: reading it again from the same place will not help. */
public final class DamagedShardException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedShardException(String message) {
    super(message);
  }

  DamagedShardException(String message, Throwable cause) {
    super(message, cause);
  }
}
