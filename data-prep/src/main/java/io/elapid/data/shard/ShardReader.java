package io.elapid.data.shard;

import io.elapid.data.target.TargetKind;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Reads any row group of a shard, without touching the others.
 *
 * <p>Page checksums are verified: a flipped bit is an IOException, never a wrong label. Not safe
 * for concurrent use.
 */
public final class ShardReader implements Closeable {
  private final Path file;
  private final TargetKind kind;
  private final ParquetFileReader reader;
  private final MessageColumnIO columns;

  private ShardReader(Path file, TargetKind kind, ParquetFileReader reader) {
    this.file = file;
    this.kind = kind;
    this.reader = reader;
    this.columns = new ColumnIOFactory().getColumnIO(SampleSchema.of(kind));
  }

  /**
   * Opens a shard and reads its footer.
   *
   * @throws IOException if it cannot be read, is cut short or is no shard
   */
  public static ShardReader open(Configuration conf, Path file) throws IOException {
    try {
      ParquetFileReader reader =
          ParquetFileReader.open(
              HadoopInputFile.fromPath(file, conf),
              HadoopReadOptions.builder(conf).usePageChecksumVerification().build());
      return checked(file, reader);
    } catch (RuntimeException e) {
      // Parquet says of a damaged file what its parser stumbled over.
      throw new IOException(file + " is not a readable shard: " + e.getMessage(), e);
    }
  }

  private static ShardReader checked(Path file, ParquetFileReader reader) throws IOException {
    MessageType schema = reader.getFooter().getFileMetaData().getSchema();
    for (TargetKind kind : TargetKind.values()) {
      if (schema.equals(SampleSchema.of(kind))) {
        return new ShardReader(file, kind, reader);
      }
    }
    reader.close();
    throw new IOException(file + " has other columns than a shard: " + schema);
  }

  /** What its samples are annotated with. */
  public TargetKind kind() {
    return kind;
  }

  /** Rows of each row group, in file order. */
  public List<Integer> rowGroupRows() {
    List<Integer> rows = new ArrayList<>();
    for (BlockMetaData block : reader.getRowGroups()) {
      rows.add(Math.toIntExact(block.getRowCount()));
    }
    return rows;
  }

  /** All samples of one row group, in file order. */
  public List<Sample> read(int rowGroup) throws IOException {
    try {
      return rows(reader.readRowGroup(rowGroup));
    } catch (RuntimeException e) {
      throw new IOException(
          file + ", row group " + rowGroup + " cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Sample> rows(PageReadStore pages) {
    int rows = Math.toIntExact(pages.getRowCount());
    RecordReader<Group> records =
        columns.getRecordReader(pages, new GroupRecordConverter(SampleSchema.of(kind)));
    List<Sample> samples = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      samples.add(SampleRows.read(kind, records.read()));
    }
    return samples;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
