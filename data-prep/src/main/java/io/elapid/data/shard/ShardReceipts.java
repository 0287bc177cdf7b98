package io.elapid.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What is known of the shards that are finished while others are not: a file for each, written
 * after the shard itself, so that a run that died can be taken up again.
 */
public final class ShardReceipts {
  /** Readers pass over names that begin with '_'. */
  public static final String FOLDER = "_finished";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ShardReceipts() {}

  /** Declares a shard finished. */
  public static void write(Configuration conf, Path root, ShardSummary shard) throws IOException {
    Path file = path(root, shard.file());
    byte[] json = MAPPER.writeValueAsBytes(shard);
    AtomicFile.write(
        conf,
        file,
        temporary -> {
          try (OutputStream out = LocalFiles.create(conf, temporary)) {
            out.write(json);
          }
        });
  }

  /**
   * The summary of a finished shard; empty if there is none, or the shard is not as long as it was.
   *
   * @param shard path below the root, split/name
   */
  public static Optional<ShardSummary> read(Configuration conf, Path root, String shard)
      throws IOException {
    FileSystem fs = root.getFileSystem(conf);
    try (InputStream in = fs.open(path(root, shard))) {
      ShardSummary summary = MAPPER.readValue(in.readAllBytes(), ShardSummary.class);
      FileStatus file = fs.getFileStatus(new Path(root, shard));
      boolean whole = summary.file().equals(shard) && file.getLen() == summary.bytes();
      return whole ? Optional.of(summary) : Optional.empty();
    } catch (FileNotFoundException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Path path(Path root, String shard) {
    return new Path(root, FOLDER + "/" + shard + ".json");
  }
}
