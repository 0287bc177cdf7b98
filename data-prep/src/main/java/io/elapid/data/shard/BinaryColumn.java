package io.elapid.data.shard;

import java.io.IOException;
import java.util.zip.CRC32;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * The columns that hold files, read straight from a shard to where the bytes stay.
 *
 * <p>Parquet's own reader fetches a whole row group, copies each page to compute its checksum and
 * each value to hand it out, and leaves megabytes to be cleared anew for the next row group. Shards
 * keep these columns required, plain and uncompressed, so that a page is nothing but lengths and
 * bytes, and one value can be read and summed up while it is in the processor's cache.
 */
final class BinaryColumn {
  private final Path file;
  private final FSDataInputStream in;
  private final ColumnChunkMetaData chunk;
  private final CRC32 crc = new CRC32();
  private final byte[] four = new byte[Integer.BYTES];

  private BinaryColumn(Path file, FSDataInputStream in, ColumnChunkMetaData chunk) {
    this.file = file;
    this.in = in;
    this.chunk = chunk;
  }

  /** Opens a file for {@link #read}; pages have checksums, so the file system's are left out. */
  static FSDataInputStream open(Configuration conf, Path file) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    FileSystem raw = fs instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fs;
    return raw.open(file);
  }

  /**
   * All values of a column in one row group.
   *
   * @throws IOException if they cannot be read, fail their checksum or are laid down otherwise
   */
  static byte[][] read(Path file, FSDataInputStream in, ColumnChunkMetaData chunk)
      throws IOException {
    boolean plain =
        chunk.getCodec() == CompressionCodecName.UNCOMPRESSED
            && chunk.getEncodings().contains(Encoding.PLAIN)
            && !chunk.hasDictionaryPage();
    BinaryColumn column = new BinaryColumn(file, in, chunk);
    if (!plain) {
      throw column.broken("is compressed or encoded, which shards are not");
    }
    return column.read();
  }

  private byte[][] read() throws IOException {
    in.seek(chunk.getStartingPos());
    byte[][] values = new byte[Math.toIntExact(chunk.getValueCount())][];
    int filled = 0;
    while (filled < values.length) {
      PageHeader header = Util.readPageHeader(in);
      if (header.getType() != PageType.DATA_PAGE || !header.isSetData_page_header()) {
        throw broken("has a page of type " + header.getType());
      }
      int count = header.getData_page_header().getNum_values();
      if (count <= 0 || count > values.length - filled) {
        throw broken("has a page of " + count + " values");
      }
      page(header, values, filled, count);
      filled += count;
    }
    return values;
  }

  private void page(PageHeader header, byte[][] values, int from, int count) throws IOException {
    crc.reset();
    long left = header.getUncompressed_page_size();
    for (int i = from; i < from + count; i++) {
      in.readFully(four);
      crc.update(four);
      int length =
          four[0] & 0xFF | (four[1] & 0xFF) << 8 | (four[2] & 0xFF) << 16 | (four[3] & 0xFF) << 24;
      left -= Integer.BYTES;
      if (length < 0 || length > left || length > chunk.getTotalSize()) {
        throw broken("has a value of " + length + " bytes");
      }
      byte[] value = new byte[length];
      in.readFully(value);
      crc.update(value);
      values[i] = value;
      left -= length;
    }
    if (left != 0) {
      throw broken("has a page with " + left + " bytes too many");
    }
    if (header.isSetCrc() && header.getCrc() != (int) crc.getValue()) {
      throw broken("fails its checksum");
    }
  }

  private DamagedShardException broken(String what) {
    return new DamagedShardException(
        file + ": column " + chunk.getPath().toDotString() + " " + what);
  }
}
