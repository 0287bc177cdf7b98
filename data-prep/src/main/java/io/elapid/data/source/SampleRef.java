package io.elapid.data.source;

import java.util.Objects;

/**
 * A sample that has been found but not read.
 *
 * @param split "train" or "val"
 * @param id unique in the data set and the same whatever the layout
 * @param path file that holds the picture's bytes, as a full Hadoop path
 * @param offset first byte within the file
 * @param length number of bytes; {@link #MISSING} for a picture that is listed but not there
 */
public record SampleRef(
    String split, String id, String path, long offset, long length, TargetRef target)
    implements Listed {
  private static final long serialVersionUID = 1L;

  /** The {@link #length} of a picture that is not there. */
  public static final long MISSING = -1;

  public SampleRef {
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(target, "target");
  }

  @Override
  public long order() {
    return 0;
  }

  /** All bytes that have to be read for the sample, as far as they are known. */
  public long bytes() {
    long labels = target instanceof TargetRef.OfLabelMap map ? map.length() : 0;
    return Math.max(0, length) + Math.max(0, labels);
  }
}
