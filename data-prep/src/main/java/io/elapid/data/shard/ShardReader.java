package io.elapid.data.shard;

import io.elapid.data.target.TargetKind;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Reads any row group of a shard, without touching the others.
 *
 * <p>The checksum of every page that is read is verified, on any file system: a flipped bit is an
 * IOException, never a wrong label. Not safe for concurrent use.
 */
public final class ShardReader implements Closeable {
  private final Path file;
  private final TargetKind kind;
  private final ParquetFileReader reader;
  private final long length;
  private final FileBytes bytes;
  private final ReadBuffer buffer;

  private ShardReader(
      Path file,
      TargetKind kind,
      ParquetFileReader reader,
      long length,
      FileBytes bytes,
      ReadBuffer buffer) {
    this.file = file;
    this.kind = kind;
    this.reader = reader;
    this.length = length;
    this.bytes = bytes;
    this.buffer = buffer;
    if (kind == TargetKind.DETECTION) {
      reader.setRequestedSchema(SampleSchema.NESTED);
    }
  }

  /** Opens a shard with memory of its own. */
  public static ShardReader open(Configuration conf, Path file) throws IOException {
    return open(conf, file, new ReadBuffer());
  }

  /**
   * Opens a shard and reads its footer.
   *
   * @param buffer that row groups are read into
   * @throws IOException if it cannot be read, is cut short or is no shard
   */
  public static ShardReader open(Configuration conf, Path file, ReadBuffer buffer)
      throws IOException {
    try {
      HadoopInputFile input = HadoopInputFile.fromPath(file, conf);
      ParquetFileReader reader =
          ParquetFileReader.open(
              input, HadoopReadOptions.builder(conf).usePageChecksumVerification().build());
      try {
        TargetKind kind = kind(file, reader);
        FileBytes bytes = FileBytes.open(conf, file);
        return new ShardReader(file, kind, reader, input.getLength(), bytes, buffer);
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (RuntimeException e) {
      // Parquet says of a damaged file what its parser stumbled over.
      throw new DamagedShardException(file + " is not a readable shard: " + e.getMessage(), e);
    }
  }

  private static TargetKind kind(Path file, ParquetFileReader reader) throws IOException {
    MessageType schema = reader.getFooter().getFileMetaData().getSchema();
    for (TargetKind kind : TargetKind.values()) {
      if (schema.equals(SampleSchema.of(kind))) {
        return kind;
      }
    }
    throw new DamagedShardException(file + " has other columns than a shard: " + schema);
  }

  /** The file that is read. */
  public Path file() {
    return file;
  }

  /** Bytes of the file as it was opened. */
  public long length() {
    return length;
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

  /** A row group, in the shard's {@link ReadBuffer}. */
  public RowGroup load(int rowGroup) throws IOException {
    return load(rowGroup, SampleSchema.plain(kind));
  }

  /** All samples of one row group, in file order. */
  public List<Sample> read(int rowGroup) throws IOException {
    return samples(rowGroup, SampleSchema.plain(kind));
  }

  /** As {@link #read}, with files of no bytes: what can be told without reading pictures. */
  public List<Sample> readWithoutFiles(int rowGroup) throws IOException {
    return samples(rowGroup, SampleSchema.withoutFiles(kind));
  }

  /** Some samples of one row group, by row; nothing else of it is kept. */
  public Map<Integer, Sample> read(int rowGroup, BitSet rows) throws IOException {
    RowGroup all = load(rowGroup);
    try {
      Map<Integer, Sample> samples = new HashMap<>();
      rows.stream().forEach(row -> samples.put(row, all.sample(row)));
      return samples;
    } catch (RuntimeException e) {
      throw unreadable(rowGroup, e);
    }
  }

  private List<Sample> samples(int rowGroup, List<String> names) throws IOException {
    RowGroup all = load(rowGroup, names);
    try {
      return IntStream.range(0, all.rows()).mapToObj(all::sample).toList();
    } catch (RuntimeException e) {
      throw unreadable(rowGroup, e);
    }
  }

  private RowGroup load(int rowGroup, List<String> names) throws IOException {
    try {
      BlockMetaData block = reader.getRowGroups().get(rowGroup);
      PlainColumns columns = PlainColumns.read(file, bytes, length, block, names, buffer);
      int rows = Math.toIntExact(block.getRowCount());
      return new RowGroup(kind, rows, columns, annotations(rowGroup, rows));
    } catch (RuntimeException e) {
      throw unreadable(rowGroup, e);
    }
  }

  private DamagedShardException unreadable(int rowGroup, RuntimeException cause) {
    return new DamagedShardException(
        file + ", row group " + rowGroup + " cannot be read: " + cause.getMessage(), cause);
  }

  /** What is nested is left to Parquet. */
  private List<Group> annotations(int rowGroup, int rows) throws IOException {
    if (kind != TargetKind.DETECTION) {
      return List.of();
    }
    PageReadStore pages = reader.readRowGroup(rowGroup);
    RecordReader<Group> records =
        new ColumnIOFactory()
            .getColumnIO(SampleSchema.NESTED)
            .getRecordReader(pages, new GroupRecordConverter(SampleSchema.NESTED));
    List<Group> annotations = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      annotations.add(records.read());
    }
    return annotations;
  }

  @Override
  public void close() throws IOException {
    try (FileBytes first = bytes) {
      reader.close();
    }
  }
}
