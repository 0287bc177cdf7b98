package io.elapid.data.shard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * The end of a Parquet file, put into an order that is the same in every process.
 *
 * <p>Parquet lists a column's encodings in the order of a hash set of enum constants, whose hashes
 * are memory addresses: the same rows give other bytes in another JVM. Sorted, nothing else
 * changes, not even a length.
 */
final class StableFooter {
  /** Length of the metadata, and "PAR1". */
  private static final int TRAILER = 8;

  private StableFooter() {}

  /**
   * The bytes to write instead.
   *
   * @param end what Parquet wrote last: anything, the file's metadata, their length and its magic
   */
  static byte[] of(byte[] end) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(end.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.getInt(end.length - TRAILER);
    int start = end.length - TRAILER - length;
    FileMetaData metadata = Util.readFileMetaData(new ByteArrayInputStream(end, start, length));
    for (RowGroup group : metadata.getRow_groups()) {
      for (ColumnChunk column : group.getColumns()) {
        List<Encoding> encodings = new ArrayList<>(column.getMeta_data().getEncodings());
        encodings.sort(Comparator.comparingInt(Encoding::getValue));
        column.getMeta_data().setEncodings(encodings);
      }
    }
    ByteArrayOutputStream sorted = new ByteArrayOutputStream(length);
    Util.writeFileMetaData(metadata, sorted);
    if (sorted.size() != length) {
      throw new IOException(
          "a footer of " + length + " bytes became one of " + sorted.size() + " when sorted");
    }
    bytes.position(start).put(sorted.toByteArray());
    return bytes.array();
  }
}
