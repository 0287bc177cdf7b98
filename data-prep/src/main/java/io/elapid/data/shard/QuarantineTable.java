package io.elapid.data.shard;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The files that were left out, as a Parquet table (id, split, source, reason) to be queried. */
public final class QuarantineTable {
  private QuarantineTable() {}

  /** Writes the table, in the given order; an empty list gives a table without rows. */
  public static void write(Configuration conf, Path file, List<QuarantinedSample> samples)
      throws IOException {
    AtomicFile.write(conf, file, temporary -> writeRows(conf, temporary, samples));
  }

  private static void writeRows(Configuration conf, Path file, List<QuarantinedSample> samples)
      throws IOException {
    try (HashingOutputFile out = new HashingOutputFile(conf, file);
        RowGroupWriter rows = new RowGroupWriter(conf, out, SampleSchema.QUARANTINE)) {
      for (QuarantinedSample sample : samples) {
        rows.row(
            row -> {
              row.text(0, sample.id());
              row.text(1, sample.split());
              row.text(2, sample.source());
              row.text(3, sample.reason());
            });
      }
      rows.finish(Map.of());
    }
  }
}
