package io.elapid.data.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * A column of one row group: its values are found in the bytes of its pages, and stay there.
 *
 * <p>Parquet's own reader copies each page to compute its checksum, each value to hand it out, and
 * spends some 8 microseconds on a row; shards keep the columns outside of annotations required,
 * plain and uncompressed, so that a page is nothing but values, those of variable length behind
 * their length. The checksum of a page is compared before one of its values is handed out, and
 * taken piece by piece as they are read, while a piece is still in the processor's cache: from
 * memory it would take about as long as the read itself.
 */
final class PlainColumn {
  /** Of the length in front of a value. */
  private static final int PREFIX = Integer.BYTES;

  /**
   * Of bytes that are read and added to the checksum: a part of the second cache, and no header is
   * larger.
   */
  private static final int PIECE = 256 << 10;

  private final Path file;
  private final ColumnChunkMetaData chunk;
  private final FileBytes source;
  private final ByteBuffer bytes;
  private final int[] starts;
  private final int[] lengths;
  private int arrived;
  private int rows;

  private PlainColumn(Path file, ColumnChunkMetaData chunk, FileBytes source, ByteBuffer bytes) {
    this.file = file;
    this.chunk = chunk;
    this.source = source;
    this.bytes = bytes;
    // A value takes a byte at least, so that damage asks for no more memory than there are bytes.
    int values = (int) Math.min(chunk.getValueCount(), bytes.capacity());
    this.starts = new int[values];
    this.lengths = new int[values];
  }

  /**
   * Reads a column and finds its values.
   *
   * @param source of its bytes
   * @param bytes memory for all of its chunk
   * @param rows that it must have
   * @throws DamagedShardException if they fail their checksum or are laid down otherwise
   */
  static PlainColumn read(
      Path file, ColumnChunkMetaData chunk, FileBytes source, ByteBuffer bytes, long rows)
      throws IOException {
    PlainColumn column = new PlainColumn(file, chunk, source, bytes);
    boolean plain =
        chunk.getCodec() == CompressionCodecName.UNCOMPRESSED
            && chunk.getEncodings().contains(Encoding.PLAIN)
            && !chunk.hasDictionaryPage();
    if (!plain) {
      throw column.broken("is compressed or encoded, which shards are not");
    }
    column.pages();
    if (column.rows != rows) {
      throw column.broken("has %d values in a row group of %d rows".formatted(column.rows, rows));
    }
    return column;
  }

  /** A value of bytes, read-only, in the memory that the row group was read into. */
  ByteBuffer view(int row) {
    return bytes.slice(starts[row], lengths[row]).asReadOnlyBuffer();
  }

  /** A value of bytes, in memory of its own. */
  byte[] copy(int row) {
    byte[] copy = new byte[lengths[row]];
    bytes.get(starts[row], copy);
    return copy;
  }

  String text(int row) {
    return new String(copy(row), StandardCharsets.UTF_8);
  }

  int number(int row) {
    return bytes.getInt(starts[row]);
  }

  long longNumber(int row) {
    return bytes.getLong(starts[row]);
  }

  private void pages() throws IOException {
    int at = 0;
    while (rows < starts.length) {
      arrive(at + Math.min(PIECE, bytes.capacity() - at));
      ByteBufferInputStream in = ByteBufferInputStream.wrap(bytes.slice(at, arrived - at));
      PageHeader header = Util.readPageHeader(in);
      at += Math.toIntExact(in.position());
      if (header.getType() != PageType.DATA_PAGE || !header.isSetData_page_header()) {
        throw broken("has a page of type " + header.getType());
      }
      int count = header.getData_page_header().getNum_values();
      if (count <= 0 || count > starts.length - rows) {
        throw broken("has a page of " + count + " values");
      }
      int size = header.getUncompressed_page_size();
      if (size < 0 || size > bytes.capacity() - at) {
        throw broken("has a page of " + size + " bytes");
      }
      check(header, at, size);
      int end = values(at, at + size, count);
      if (end != at + size) {
        throw broken("has a page with " + (at + size - end) + " bytes too many");
      }
      at = end;
    }
  }

  /** Reads a page to its end. */
  private void check(PageHeader header, int start, int size) throws IOException {
    CRC32 crc = new CRC32();
    for (int done = 0; done < size; ) {
      int length = Math.min(PIECE, size - done);
      arrive(start + done + length);
      crc.update(bytes.slice(start + done, length));
      done += length;
    }
    if (header.isSetCrc() && header.getCrc() != (int) crc.getValue()) {
      throw broken("fails its checksum");
    }
  }

  /** Waits for the bytes before {@code end}. */
  private void arrive(int end) throws IOException {
    while (arrived < end) {
      int length = Math.min(PIECE, bytes.capacity() - arrived);
      source.read(chunk.getStartingPos() + arrived, bytes.slice(arrived, length));
      arrived += length;
    }
  }

  /** Where the values of a page end. */
  private int values(int start, int end, int count) throws IOException {
    int fixed =
        switch (chunk.getPrimitiveType().getPrimitiveTypeName()) {
          case BINARY -> -1;
          case INT32 -> Integer.BYTES;
          case INT64 -> Long.BYTES;
          default -> throw broken("has values of a type that no shard has");
        };
    int at = start;
    for (int i = 0; i < count; i++) {
      int length = fixed;
      if (fixed < 0) {
        length = end - at < PREFIX ? -1 : bytes.getInt(at);
        at += PREFIX;
      }
      if (length < 0 || length > end - at) {
        throw broken("has a value of " + length + " bytes");
      }
      starts[rows] = at;
      lengths[rows++] = length;
      at += length;
    }
    return at;
  }

  private DamagedShardException broken(String what) {
    return new DamagedShardException(
        file + ": column " + chunk.getPath().toDotString() + " " + what);
  }
}
