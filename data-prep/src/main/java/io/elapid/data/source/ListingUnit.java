package io.elapid.data.source;

import java.io.Serializable;
import java.util.Objects;

/**
 * A piece of a listing that can be worked on by itself.
 *
 * @param split "train" or "val"
 * @param kind what lies at {@code path}
 * @param path folder, archive or file, as a full Hadoop path
 * @param offset first byte of the archive within the file; 0 for anything else
 * @param length bytes of the archive or file; 0 for a folder
 * @param label class of all its samples, or {@link #MIXED}
 */
public record ListingUnit(String split, Kind kind, String path, long offset, long length, int label)
    implements Serializable {
  /** The samples are of several classes: each one's label is looked up by its file name. */
  public static final int MIXED = -1;

  /** What a unit lists. */
  public enum Kind {
    FOLDER,
    TAR,
    /** A file of annotations that names pictures elsewhere. */
    ANNOTATIONS
  }

  public ListingUnit {
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(path, "path");
  }
}
