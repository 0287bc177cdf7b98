package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.shard.DamagedShardException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ReadBuffer;
import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardReader;
import io.elapid.data.shard.ShardSummary;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of a split as one list of row groups, read one at a time.
 *
 * <p>Used by one thread. Keeps a few shards open, since an epoch jumps between them.
 */
final class SplitFiles implements Closeable {
  private static final int OPEN_FILES = 16;
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 5_000;
  private static final Logger LOG = LoggerFactory.getLogger(SplitFiles.class);
  private static final String REMEDY =
      "restore the file or prepare the data set again into an empty folder";
  private static final String REPLACED =
      "restore the file, or submit again with another output folder if the data set was prepared"
          + " anew; what a run reads must stay as it is";
  private static final String FORBIDDEN =
      "give the user of Spark's processes the right to read it, then submit the same command again";
  private static final String AWAY =
      "see that the storage answers, then submit the same command again; data.read-retry says for"
          + " how long reads are tried again";

  private final Configuration conf;
  private final Path root;
  private final List<ShardSummary> shards;
  private final int[] groupRows;
  private final int[] groupShard;
  private final int[] groupInShard;
  private final Map<Integer, ShardReader> open = new LinkedHashMap<>(16, 0.75f, true);
  private final ReadBuffer buffer = new ReadBuffer();
  private final Duration retry;
  private final Optional<ShardCache> cache;

  private SplitFiles(Configuration conf, Path root, List<ShardSummary> shards) throws IOException {
    this.conf = conf;
    this.root = root;
    this.shards = shards;
    ReadSettings settings = ReadSettings.of(conf);
    this.retry = settings.retry();
    this.cache =
        settings.cache().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new ShardCache(
                    conf, java.nio.file.Path.of(settings.cache().get()), settings.cacheBytes()));
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
   * Samples of a row group by row. A read that fails is tried again, each time from a newly opened
   * file, so that another replica or a storage that has come back can answer; data that are damaged
   * are read once more only.
   *
   * @throws InputException if the file cannot be read or is not what the manifest describes
   */
  Map<Integer, Sample> read(int group, BitSet rows) throws InterruptedException {
    int shard = groupShard[group];
    Path origin = new Path(root, shards.get(shard).file());
    long began = System.nanoTime();
    for (int tries = 1; ; tries++) {
      Path file = place(shard, origin);
      try {
        return reader(shard, file).read(groupInShard[group], rows);
      } catch (IOException e) {
        forget(shard, file, origin);
        Duration left = retry.minusNanos(System.nanoTime() - began);
        boolean damaged =
            e instanceof DamagedShardException
                || e instanceof ChecksumException
                || e instanceof EOFException;
        boolean missing = e instanceof FileNotFoundException;
        boolean hopeless = missing || (damaged && tries > 1);
        if (hopeless || left.isNegative()) {
          throw new InputException(
              "cannot read " + file + ": " + e.getMessage(), remedy(e, missing || damaged), e);
        }
        LOG.warn("Reading {} failed and is tried again: {}", file, e.toString());
        pause(tries, left);
      }
    }
  }

  /** Data that are only out of reach had better not be prepared again. */
  private static String remedy(IOException failure, boolean lost) {
    if (failure instanceof AccessControlException) {
      return FORBIDDEN;
    }
    return lost ? REMEDY : AWAY;
  }

  /** Twice as long every time, and never beyond the end. */
  private static void pause(int tries, Duration left) throws InterruptedException {
    long millis = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(tries - 1, 16));
    Thread.sleep(Math.max(1, Math.min(millis, left.toMillis())));
  }

  private Path place(int shard, Path origin) {
    return cache
        .flatMap(local -> local.find(shards.get(shard), origin))
        .map(local -> new Path(local.toUri()))
        .orElse(origin);
  }

  /** Shards that are read from the local disk. */
  long cachedShards() {
    return cache.map(ShardCache::size).orElse(0);
  }

  /** So that the next try begins anew. */
  private void forget(int shard, Path file, Path origin) {
    ShardReader reader = open.remove(shard);
    try {
      if (reader != null) {
        reader.close();
      }
      if (cache.isPresent() && !file.equals(origin)) {
        cache.get().discard(shards.get(shard));
      }
    } catch (IOException e) {
      LOG.debug("Closing {} failed", file, e);
    }
  }

  private ShardReader reader(int shard, Path file) throws IOException {
    ShardReader reader = open.get(shard);
    if (reader != null && !reader.file().equals(file)) {
      open.remove(shard);
      reader.close();
      reader = null;
    }
    if (reader == null) {
      reader = ShardReader.open(conf, file, buffer);
      open.put(shard, reader);
      requireUnchanged(reader, shards.get(shard));
      closeOldest();
    }
    return reader;
  }

  /** A data set may be written anew while it is read. */
  private static void requireUnchanged(ShardReader reader, ShardSummary shard) {
    if (reader.length() != shard.bytes()) {
      throw new InputException(
          "%s has %d bytes now, the manifest said %d when reading began"
              .formatted(reader.file(), reader.length(), shard.bytes()),
          REPLACED);
    }
    if (!reader.rowGroupRows().equals(shard.rowGroupRows())) {
      throw new InputException(
          reader.file() + " has other row groups than the manifest says", REMEDY);
    }
  }

  private void closeOldest() throws IOException {
    if (open.size() > OPEN_FILES) {
      Integer oldest = open.keySet().iterator().next();
      open.remove(oldest).close();
    }
  }

  @Override
  public void close() throws IOException {
    cache.ifPresent(ShardCache::close);
    List<ShardReader> readers = new ArrayList<>(open.values());
    open.clear();
    for (ShardReader reader : readers) {
      reader.close();
    }
  }
}
