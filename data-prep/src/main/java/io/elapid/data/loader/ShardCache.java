package io.elapid.data.loader;

import io.elapid.data.shard.ShardSummary;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shards on the local disk, named by their hash, shared by all ranks of a host.
 *
 * <p>A shard is fetched in the background and read from the storage until it is here; nobody waits.
 * A file counts only after its hash has been computed in this process, and appears under its name
 * when it is whole. One process of a host fetches at a time. When the folder is full, shards that
 * nobody has read for a day make room; those in use stay, and the rest goes on being read from the
 * storage, since throwing out what the next epoch needs would fetch everything in every epoch.
 */
final class ShardCache implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardCache.class);
  private static final Duration UNUSED = Duration.ofDays(1);
  private static final String SUFFIX = ".parquet";
  private static final String TEMPORARY = ".tmp";

  private final Configuration conf;
  private final Path folder;
  private final long limit;
  private final ExecutorService fetcher;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Set<String> ready = ConcurrentHashMap.newKeySet();

  /**
   * A cache in {@code folder}, which is made.
   *
   * @param limit bytes that all files in it may have together
   */
  ShardCache(Configuration conf, Path folder, long limit) throws IOException {
    this.conf = conf;
    this.folder = Files.createDirectories(folder);
    this.limit = limit;
    this.fetcher =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "elapid-cache");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Where the shard lies on this disk; if it does not, it is fetched for the next time. */
  Optional<Path> find(ShardSummary shard, org.apache.hadoop.fs.Path origin) {
    String hash = shard.sha256();
    if (ready.contains(hash) && Files.exists(file(hash))) {
      return Optional.of(file(hash));
    }
    ready.remove(hash);
    if (asked.add(hash)) {
      try {
        fetcher.execute(() -> provide(shard, origin));
      } catch (RejectedExecutionException e) {
        LOG.debug("The cache is closed", e);
      }
    }
    return Optional.empty();
  }

  /** Shards that are here. */
  int size() {
    return ready.size();
  }

  /** Takes away a file that turned out to be damaged; it will be fetched again. */
  void discard(ShardSummary shard) throws IOException {
    ready.remove(shard.sha256());
    Files.deleteIfExists(file(shard.sha256()));
    asked.remove(shard.sha256());
  }

  private Path file(String hash) {
    return folder.resolve(hash + SUFFIX);
  }

  private void provide(ShardSummary shard, org.apache.hadoop.fs.Path origin) {
    Path file = file(shard.sha256());
    try (FileChannel lock =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = tryLock(lock)) {
      boolean there = Files.exists(file) && isWhole(file, shard);
      if (!there && held == null) {
        // Another rank is fetching; asking again later will find what it fetched.
        asked.remove(shard.sha256());
        return;
      }
      if (there || fetch(shard, origin, file)) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        ready.add(shard.sha256());
      }
    } catch (IOException e) {
      LOG.warn("Shard {} stays out of the cache: {}", origin, e.toString());
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Whether the file is the shard; a damaged one is taken away. */
  private static boolean isWhole(Path file, ShardSummary shard) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    } catch (NoSuchFileException e) {
      return false;
    }
    if (hex(digest).equals(shard.sha256())) {
      return true;
    }
    LOG.warn("{} is damaged and is fetched again", file);
    Files.deleteIfExists(file);
    return false;
  }

  private boolean fetch(ShardSummary shard, org.apache.hadoop.fs.Path origin, Path file)
      throws IOException {
    if (!makeRoom(shard.bytes())) {
      return false;
    }
    Path temporary = folder.resolve(shard.sha256() + TEMPORARY);
    MessageDigest digest = sha256();
    try (InputStream in = origin.getFileSystem(conf).open(origin);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(temporary), digest)) {
      in.transferTo(out);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    if (!hex(digest).equals(shard.sha256())) {
      Files.deleteIfExists(temporary);
      throw new IOException("it has another hash than the manifest says");
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }

  /** Called by the one who holds the lock. */
  private boolean makeRoom(long needed) throws IOException {
    long taken = 0;
    List<Path> unused = new ArrayList<>();
    Instant old = Instant.now().minus(UNUSED);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{parquet,tmp}")) {
      for (Path file : files) {
        if (file.toString().endsWith(TEMPORARY)) {
          // Of a process that died: the lock is ours.
          Files.delete(file);
        } else {
          taken += Files.size(file);
          if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
            unused.add(file);
          }
        }
      }
    }
    for (Path file : unused) {
      if (taken + needed > limit) {
        taken -= Files.size(file);
        Files.delete(file);
      }
    }
    return taken + needed <= limit;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Stops fetching; the files stay for the next run. */
  @Override
  public void close() {
    fetcher.shutdownNow();
  }
}
