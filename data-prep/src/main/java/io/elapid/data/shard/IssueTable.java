package io.elapid.data.shard;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What was wrong with samples, as a Parquet table (id, split, source, reason) to be queried. */
public final class IssueTable {
  private IssueTable() {}

  /** Writes the table, in the given order; an empty list gives a table without rows. */
  public static void write(Configuration conf, Path file, List<SampleIssue> samples)
      throws IOException {
    AtomicFile.write(conf, file, temporary -> writeRows(conf, temporary, samples));
  }

  private static void writeRows(Configuration conf, Path file, List<SampleIssue> samples)
      throws IOException {
    try (HashingOutputFile out = new HashingOutputFile(conf, file);
        RowGroupWriter rows = new RowGroupWriter(conf, out, SampleSchema.ISSUES)) {
      for (SampleIssue sample : samples) {
        rows.row(
            row -> {
              row.text(SampleSchema.ID, sample.id());
              row.text(SampleSchema.SPLIT, sample.split());
              row.text(SampleSchema.SOURCE, sample.source());
              row.text(SampleSchema.REASON, sample.reason());
            });
      }
      rows.finish(Map.of());
    }
  }
}
