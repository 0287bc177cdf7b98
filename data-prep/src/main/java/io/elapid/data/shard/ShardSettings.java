package io.elapid.data.shard;

import java.io.Serializable;

/**
 * How shards are cut.
 *
 * <p>A row group is what the loader reads at once and what an epoch's shuffle moves around, so it
 * is small. 8 MiB are some 75 ImageNet pictures: a read long enough to run at the storage's full
 * speed (a megabyte would be mostly latency on HDFS), 18,000 groups to permute, and with 32 of them
 * open for shuffling a rank holds 256 MiB. Tiny pictures would put a whole data set into one such
 * group and leave nothing to permute, hence the second limit, in rows.
 *
 * @param rowGroupBytes encoded bytes after which a row group is closed
 * @param rowGroupRows rows after which a row group is closed
 * @param check how closely each file is looked at before it is let in
 */
public record ShardSettings(int rowGroupBytes, int rowGroupRows, Check check)
    implements Serializable {

  /** How closely a file is looked at. */
  public enum Check {
    /** Its structure: cheap, finds what is not a picture or cut short. */
    STRUCTURE,
    /** Its pixels too: a few milliseconds each, finds damage inside the picture data. */
    PIXELS
  }

  public ShardSettings {
    if (rowGroupBytes <= 0 || rowGroupRows <= 0) {
      throw new IllegalArgumentException(
          "row groups need positive limits, not " + rowGroupBytes + " and " + rowGroupRows);
    }
  }

  public static ShardSettings defaults() {
    return new ShardSettings(8 << 20, 256, Check.STRUCTURE);
  }
}
