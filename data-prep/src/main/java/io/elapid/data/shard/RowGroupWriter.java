package io.elapid.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes rows, with row groups that end exactly where the caller says.
 *
 * <p>Parquet's own record writer guesses where a row group ends from the average size of the first
 * rows, and so overshoots with pictures; this one works a level deeper, on the same page writers.
 */
final class RowGroupWriter implements Closeable {
  private static final int PAGE_BYTES = 1 << 20;
  // How often a page's size is looked at: with rows of 100 KB the default of 100 rows gives pages
  // of
  // 10 MB.
  private static final int PAGE_CHECK_MIN_ROWS = 4;
  private static final int PAGE_CHECK_MAX_ROWS = 32;

  private final MessageType schema;
  private final ParquetFileWriter file;
  private final ParquetProperties properties;
  private final CodecFactory codecs;
  private final List<Integer> rowGroupRows = new ArrayList<>();

  private ColumnChunkPageWriteStore pages;
  private ColumnWriteStore columns;
  private RecordConsumer record;
  private int rows;

  RowGroupWriter(Configuration conf, OutputFile out, MessageType schema) throws IOException {
    this.schema = schema;
    this.properties =
        ParquetProperties.builder()
            .withPageSize(PAGE_BYTES)
            .withMinRowCountForPageSizeCheck(PAGE_CHECK_MIN_ROWS)
            .withMaxRowCountForPageSizeCheck(PAGE_CHECK_MAX_ROWS)
            .withDictionaryEncoding(false)
            .build();
    this.codecs = new CodecFactory(conf, PAGE_BYTES);
    this.file =
        new ParquetFileWriter(
            out,
            schema,
            ParquetFileWriter.Mode.CREATE,
            Long.MAX_VALUE,
            0,
            properties.getColumnIndexTruncateLength(),
            properties.getStatisticsTruncateLength(),
            properties.getPageWriteChecksumEnabled());
    file.start();
  }

  /** Writes one row: {@code fields} hands over each column's value, in the schema's order. */
  void row(Consumer<RowWriter> fields) {
    if (columns == null) {
      open();
    }
    record.startMessage();
    fields.accept(new RowWriter(record, schema));
    record.endMessage();
    rows++;
  }

  private void open() {
    pages =
        new ColumnChunkPageWriteStore(
            codecs.getCompressor(CompressionCodecName.UNCOMPRESSED),
            schema,
            properties.getAllocator(),
            properties.getColumnIndexTruncateLength(),
            properties.getPageWriteChecksumEnabled());
    columns = properties.newColumnWriteStore(schema, pages);
    record = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(columns);
  }

  /** Ends the current row group, if it has rows. */
  void endRowGroup() throws IOException {
    if (columns == null) {
      return;
    }
    record.flush();
    columns.flush();
    file.startBlock(rows);
    pages.flushToFileWriter(file);
    file.endBlock();
    columns.close();
    columns = null;
    rowGroupRows.add(rows);
    rows = 0;
  }

  /** Ends the file; {@link #close} without it leaves a file that no reader accepts. */
  List<Integer> finish(Map<String, String> metadata) throws IOException {
    endRowGroup();
    file.end(metadata);
    return rowGroupRows;
  }

  /** Frees the buffers; the output file is the caller's to close. */
  @Override
  public void close() {
    if (columns != null) {
      columns.close();
    }
    codecs.release();
  }
}
