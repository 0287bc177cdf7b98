package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server has not taken yet, one file each, the oldest first. Full, it forgets the oldest.
 * Survives the process that filled it.
 */
final class MlflowSpool {
  private static final Logger LOG = LoggerFactory.getLogger(MlflowSpool.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern NAME = Pattern.compile("(\\d{12})\\.json");

  private final FileSystem fs;
  private final Path folder;
  private final int limit;
  private final Deque<Long> waiting = new ConcurrentLinkedDeque<>();
  private long next;
  private long forgotten;

  MlflowSpool(Configuration conf, Path folder, int limit) throws IOException {
    this.fs = LocalFiles.plain(conf, folder);
    this.folder = folder;
    this.limit = limit;
    try {
      Arrays.stream(fs.listStatus(folder))
          .map(file -> NAME.matcher(file.getPath().getName()))
          .filter(Matcher::matches)
          .map(name -> Long.parseLong(name.group(1)))
          .sorted()
          .forEach(waiting::add);
    } catch (FileNotFoundException e) {
      LOG.debug("nothing waits in {}", folder);
    }
    this.next = waiting.isEmpty() ? 0 : waiting.getLast() + 1;
  }

  /** How many wait; any thread may ask. */
  int size() {
    return waiting.size();
  }

  void add(JsonNode request) throws IOException {
    if (waiting.size() >= limit) {
      removeFirst();
      forgotten++;
      if (forgotten == 1) {
        LOG.warn("{} is full: the oldest of what MLflow was to be told is forgotten", folder);
      }
    }
    fs.mkdirs(folder);
    // one that a dying process leaves half written is passed over by first()
    try (OutputStream out = fs.create(file(next), true)) {
      out.write(JSON.writeValueAsBytes(request));
    }
    waiting.add(next++);
  }

  /** The oldest; what cannot be read is passed over. */
  Optional<JsonNode> first() throws IOException {
    while (!waiting.isEmpty()) {
      try (InputStream in = fs.open(file(waiting.getFirst()))) {
        JsonNode request = JSON.readTree(in);
        if (request.isObject()) {
          return Optional.of(request);
        }
      } catch (IOException e) {
        LOG.warn("{} is unreadable: {}", file(waiting.getFirst()), e.toString());
      }
      removeFirst();
    }
    return Optional.empty();
  }

  void removeFirst() throws IOException {
    fs.delete(file(waiting.removeFirst()), false);
  }

  private Path file(long number) {
    return new Path(folder, "%012d.json".formatted(number));
  }
}
