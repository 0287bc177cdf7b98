package io.elapid.data.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/** Columns of one row group by name. */
final class PlainColumns {
  private final Map<String, PlainColumn> columns = new HashMap<>();

  private PlainColumns() {}

  /**
   * Reads columns of a row group.
   *
   * @param length of the file
   * @param names of columns outside of annotations
   * @param buffer that they are read into
   */
  static PlainColumns read(
      Path file,
      FileBytes bytes,
      long length,
      BlockMetaData block,
      List<String> names,
      ReadBuffer buffer)
      throws IOException {
    List<ColumnChunkMetaData> chunks =
        block.getColumns().stream()
            .filter(chunk -> names.contains(chunk.getPath().toDotString()))
            .toList();
    if (chunks.size() != names.size()) {
      throw new DamagedShardException(file + " has a row group without all of " + names);
    }
    ByteBuffer memory = buffer.take(size(file, chunks, length));
    PlainColumns all = new PlainColumns();
    int at = 0;
    for (ColumnChunkMetaData chunk : chunks) {
      int size = (int) chunk.getTotalSize();
      ByteBuffer own = memory.slice(at, size).order(memory.order());
      String name = chunk.getPath().toDotString();
      all.columns.put(name, PlainColumn.read(file, chunk, bytes, own, block.getRowCount()));
      at += size;
    }
    return all;
  }

  /** Damage must not ask for more memory than the file could fill. */
  private static int size(Path file, List<ColumnChunkMetaData> chunks, long length)
      throws DamagedShardException {
    long total = 0;
    for (ColumnChunkMetaData chunk : chunks) {
      if (chunk.getStartingPos() < 0
          || chunk.getTotalSize() < 0
          || chunk.getTotalSize() > length - chunk.getStartingPos()) {
        throw new DamagedShardException(file + " has a column that ends behind it");
      }
      total += chunk.getTotalSize();
    }
    if (total > Math.min(length, Integer.MAX_VALUE)) {
      throw new DamagedShardException(file + " has a row group of " + total + " bytes");
    }
    return (int) total;
  }

  /** A column that was read. */
  PlainColumn of(String name) {
    return columns.get(name);
  }
}
