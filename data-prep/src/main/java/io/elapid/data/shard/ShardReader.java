package io.elapid.data.shard;

import io.elapid.data.image.ImageFormat;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;

/**
 * Reads any row group of a shard, without touching the others.
 *
 * <p>Page checksums are verified: a flipped bit is an IOException, never a wrong label. Not safe
 * for concurrent use.
 */
public final class ShardReader implements Closeable {
  private final Path file;
  private final ParquetFileReader reader;

  private ShardReader(Path file, ParquetFileReader reader) {
    this.file = file;
    this.reader = reader;
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
    if (!schema.equals(SampleSchema.SAMPLES)) {
      reader.close();
      throw new IOException(file + " has other columns than a shard: " + schema);
    }
    return new ShardReader(file, reader);
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

  private static List<Sample> rows(PageReadStore pages) {
    int rows = Math.toIntExact(pages.getRowCount());
    MessageType schema = SampleSchema.SAMPLES;
    ColumnReadStoreImpl store = new ColumnReadStoreImpl(pages, new NoConverter(), schema, null);
    ColumnReader[] columns = new ColumnReader[schema.getFieldCount()];
    for (int i = 0; i < columns.length; i++) {
      ColumnDescriptor descriptor = schema.getColumns().get(i);
      columns[i] = store.getColumnReader(descriptor);
    }
    List<Sample> samples = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      samples.add(row(columns));
    }
    return samples;
  }

  private static Sample row(ColumnReader[] columns) {
    Sample sample =
        new Sample(
            columns[SampleSchema.ID].getBinary().toStringUsingUTF8(),
            copy(columns[SampleSchema.IMAGE].getBinary()),
            columns[SampleSchema.LABEL].getInteger(),
            columns[SampleSchema.WIDTH].getInteger(),
            columns[SampleSchema.HEIGHT].getInteger(),
            ImageFormat.valueOf(columns[SampleSchema.FORMAT].getBinary().toStringUsingUTF8()),
            columns[SampleSchema.SOURCE].getBinary().toStringUsingUTF8());
    for (ColumnReader column : columns) {
      column.consume();
    }
    return sample;
  }

  /** The value is a window on its page; a copy lets single samples be kept and the page go. */
  private static byte[] copy(Binary value) {
    return value.getBytes();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** Values are fetched one by one; the store insists on a converter all the same. */
  private static final class NoConverter extends GroupConverter {
    @Override
    public Converter getConverter(int field) {
      return new PrimitiveConverter() {};
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
