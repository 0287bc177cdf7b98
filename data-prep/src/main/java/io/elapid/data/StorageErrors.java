package io.elapid.data;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;

/**
 * What Hadoop's local file system throws where others throw an {@link IOException}, such as on a
 * full disk: an {@link FSError}, which nobody expects who is prepared for files to fail.
 */
public final class StorageErrors {
  private StorageErrors() {}

  /** The exception that another file system would have thrown. */
  public static IOException asException(FSError error) {
    return error.getCause() instanceof IOException cause
        ? new IOException(cause.getMessage(), error)
        : new IOException(error);
  }
}
