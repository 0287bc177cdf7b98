package io.elapid.data.shard;

import java.io.Serializable;
import java.util.List;

/**
 * A finished shard.
 *
 * @param file path below the data set's root, split/name
 * @param rows samples in it
 * @param bytes length of the file
 * @param sha256 of the file, in lower-case hexadecimal
 * @param rowGroupRows rows of each row group, in file order
 * @param quarantined samples that were meant for it; empty when read from a manifest
 * @param remarks what was odd about samples that are in it, or left out of them; empty when read
 *     from a manifest
 */
public record ShardSummary(
    String file,
    long rows,
    long bytes,
    String sha256,
    List<Integer> rowGroupRows,
    List<SampleIssue> quarantined,
    List<SampleIssue> remarks)
    implements Serializable {
  public ShardSummary {
    rowGroupRows = List.copyOf(rowGroupRows);
    quarantined = List.copyOf(quarantined);
    remarks = List.copyOf(remarks);
  }

  /** Name of shard {@code index} of {@code count}, for example part-00003-of-00008.parquet. */
  public static String fileName(int index, int count) {
    return "part-%05d-of-%05d.parquet".formatted(index, count);
  }
}
