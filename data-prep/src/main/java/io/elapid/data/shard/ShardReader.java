package io.elapid.data.shard;

import io.elapid.data.target.TargetKind;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
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
  private final FSDataInputStream files;
  private final MessageType small;
  private final MessageColumnIO columns;

  private ShardReader(
      Path file, TargetKind kind, ParquetFileReader reader, FSDataInputStream files) {
    this.file = file;
    this.kind = kind;
    this.reader = reader;
    this.files = files;
    this.small = SampleSchema.withoutFiles(kind);
    this.columns = new ColumnIOFactory().getColumnIO(small);
    reader.setRequestedSchema(small);
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
      return checked(conf, file, reader);
    } catch (RuntimeException e) {
      // Parquet says of a damaged file what its parser stumbled over.
      throw new DamagedShardException(file + " is not a readable shard: " + e.getMessage(), e);
    }
  }

  private static ShardReader checked(Configuration conf, Path file, ParquetFileReader reader)
      throws IOException {
    MessageType schema = reader.getFooter().getFileMetaData().getSchema();
    for (TargetKind kind : TargetKind.values()) {
      if (schema.equals(SampleSchema.of(kind))) {
        return new ShardReader(file, kind, reader, BinaryColumn.open(conf, file));
      }
    }
    reader.close();
    throw new DamagedShardException(file + " has other columns than a shard: " + schema);
  }

  /** The file that is read. */
  public Path file() {
    return file;
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
      BlockMetaData block = reader.getRowGroups().get(rowGroup);
      byte[][] images = files(block, SampleSchema.IMAGE);
      byte[][] labels =
          kind == TargetKind.SEGMENTATION ? files(block, SampleSchema.LABEL_MAP) : null;
      return rows(reader.readRowGroup(rowGroup), images, labels);
    } catch (RuntimeException e) {
      throw new DamagedShardException(
          file + ", row group " + rowGroup + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** As {@link #read}, with files of no bytes: what can be told without reading pictures. */
  public List<Sample> readWithoutFiles(int rowGroup) throws IOException {
    try {
      int rows = Math.toIntExact(reader.getRowGroups().get(rowGroup).getRowCount());
      byte[][] none = new byte[rows][0];
      return rows(reader.readRowGroup(rowGroup), none, none);
    } catch (RuntimeException e) {
      throw new DamagedShardException(
          file + ", row group " + rowGroup + " cannot be read: " + e.getMessage(), e);
    }
  }

  private byte[][] files(BlockMetaData block, String column) throws IOException {
    for (ColumnChunkMetaData chunk : block.getColumns()) {
      if (chunk.getPath().toDotString().equals(column)) {
        return BinaryColumn.read(file, files, chunk);
      }
    }
    throw new DamagedShardException(file + " has a row group without the column " + column);
  }

  private List<Sample> rows(PageReadStore pages, byte[][] images, byte[][] labels)
      throws IOException {
    int rows = Math.toIntExact(pages.getRowCount());
    if (images.length != rows || (labels != null && labels.length != rows)) {
      throw new DamagedShardException(file + " has columns of unequal length in one row group");
    }
    RecordReader<Group> records = columns.getRecordReader(pages, new GroupRecordConverter(small));
    List<Sample> samples = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      byte[] labelMap = labels == null ? null : labels[row];
      samples.add(SampleRows.read(kind, records.read(), images[row], labelMap));
    }
    return samples;
  }

  @Override
  public void close() throws IOException {
    try (FSDataInputStream first = files) {
      reader.close();
    }
  }
}
