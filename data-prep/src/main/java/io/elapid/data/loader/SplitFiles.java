package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardReader;
import io.elapid.data.shard.ShardSummary;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The shards of a split as one list of row groups, read one at a time.
 *
 * <p>Used by one thread. Keeps a few shards open, since an epoch jumps between them.
 */
final class SplitFiles implements Closeable {
  private static final int OPEN_FILES = 16;
  private static final String REMEDY =
      "restore the file or prepare the data set again into an empty folder";

  private final Configuration conf;
  private final Path root;
  private final List<ShardSummary> shards;
  private final int[] groupRows;
  private final int[] groupShard;
  private final int[] groupInShard;
  private final Map<Integer, ShardReader> open = new LinkedHashMap<>(16, 0.75f, true);

  private SplitFiles(Configuration conf, Path root, List<ShardSummary> shards) {
    this.conf = conf;
    this.root = root;
    this.shards = shards;
    int groups = shards.stream().mapToInt(s -> s.rowGroupRows().size()).sum();
    this.groupRows = new int[groups];
    this.groupShard = new int[groups];
    this.groupInShard = new int[groups];
    int group = 0;
    for (int shard = 0; shard < shards.size(); shard++) {
      List<Integer> rows = shards.get(shard).rowGroupRows();
      for (int i = 0; i < rows.size(); i++, group++) {
        groupRows[group] = rows.get(i);
        groupShard[group] = shard;
        groupInShard[group] = i;
      }
    }
  }

  /**
   * Opens a split after checking that every file of it is there and as long as the manifest says.
   *
   * @throws InputException naming the file that is not
   */
  static SplitFiles open(Configuration conf, Path root, Manifest manifest, String split)
      throws IOException {
    List<ShardSummary> shards = manifest.shards(split);
    Map<Path, Map<String, Long>> folders = new HashMap<>();
    for (ShardSummary shard : shards) {
      Path file = new Path(root, shard.file());
      Map<String, Long> lengths = folders.get(file.getParent());
      if (lengths == null) {
        lengths = lengths(conf, file.getParent());
        folders.put(file.getParent(), lengths);
      }
      Long length = lengths.get(file.getName());
      if (length == null) {
        throw new InputException(file + " is missing, the manifest lists it", REMEDY);
      }
      if (length != shard.bytes()) {
        throw new InputException(
            file + " has " + length + " bytes, the manifest says " + shard.bytes(), REMEDY);
      }
    }
    return new SplitFiles(conf, root, shards);
  }

  private static Map<String, Long> lengths(Configuration conf, Path folder) throws IOException {
    Map<String, Long> lengths = new HashMap<>();
    try {
      for (FileStatus file : folder.getFileSystem(conf).listStatus(folder)) {
        lengths.put(file.getPath().getName(), file.getLen());
      }
    } catch (FileNotFoundException e) {
      throw new InputException(folder + " is missing, the manifest lists files in it", REMEDY, e);
    }
    return lengths;
  }

  /** Rows of every row group of the split. */
  int[] groupRows() {
    return groupRows.clone();
  }

  /**
   * All samples of a row group.
   *
   * @throws InputException if the file cannot be read or is not what the manifest describes
   */
  List<Sample> read(int group) {
    int shard = groupShard[group];
    Path file = new Path(root, shards.get(shard).file());
    try {
      return reader(shard, file).read(groupInShard[group]);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), REMEDY, e);
    }
  }

  private ShardReader reader(int shard, Path file) throws IOException {
    ShardReader reader = open.get(shard);
    if (reader == null) {
      reader = ShardReader.open(conf, file);
      open.put(shard, reader);
      if (!reader.rowGroupRows().equals(shards.get(shard).rowGroupRows())) {
        throw new InputException(file + " has other row groups than the manifest says", REMEDY);
      }
      closeOldest();
    }
    return reader;
  }

  private void closeOldest() throws IOException {
    if (open.size() > OPEN_FILES) {
      Integer oldest = open.keySet().iterator().next();
      open.remove(oldest).close();
    }
  }

  @Override
  public void close() throws IOException {
    List<ShardReader> readers = new ArrayList<>(open.values());
    open.clear();
    for (ShardReader reader : readers) {
      reader.close();
    }
  }
}
