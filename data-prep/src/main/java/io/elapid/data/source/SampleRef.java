package io.elapid.data.source;

import java.io.Serializable;
import java.util.Objects;

/**
 * A sample that has been found but not read.
 *
 * @param split "train" or "val"
 * @param id unique in the data set and the same whatever the layout: split/class/file name
 * @param path file that holds the bytes, as a full Hadoop path
 * @param offset first byte within the file
 * @param length number of bytes
 * @param label class index
 */
public record SampleRef(String split, String id, String path, long offset, long length, int label)
    implements Serializable {
  public SampleRef {
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(path, "path");
  }
}
