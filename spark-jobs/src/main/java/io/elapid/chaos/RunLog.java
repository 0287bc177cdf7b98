package io.elapid.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run has written about itself: the lines of its metrics logs. */
record RunLog(List<JsonNode> events) {
  private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "metrics";

  /** All that can be read now; nothing if the run has not begun. */
  static RunLog of(String run, Configuration conf) throws IOException {
    Path folder = new Path(run);
    FileSystem files = folder.getFileSystem(conf);
    List<JsonNode> events = new ArrayList<>();
    for (FileStatus file : logs(files, folder)) {
      try {
        events.addAll(read(files, file));
      } catch (IOException e) {
        LOG.warn("What the run noted in {} is lost: {}", file.getPath(), e.toString());
      }
    }
    return new RunLog(events);
  }

  private static List<JsonNode> read(FileSystem files, FileStatus file) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(file.getPath()), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.endsWith("}")) {
          events.add(JSON.readTree(line));
        }
      }
    }
    return events;
  }

  private static FileStatus[] logs(FileSystem files, Path folder) throws IOException {
    try {
      FileStatus[] logs = files.listStatus(folder, path -> path.getName().startsWith(PREFIX));
      Arrays.sort(logs);
      return logs;
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /** The step that the run was at last. */
  long lastStep() {
    return events.stream()
        .filter(event -> is(event, "step"))
        .mapToLong(event -> event.path("step").asLong())
        .reduce(0, (before, step) -> step);
  }

  /** How the run has come through its faults; it must have logged every step. */
  Recovery recovery() {
    int starts = 0;
    long at = 0;
    long lost = 0;
    long mostLost = 0;
    Instant fault = null;
    Duration stopping = Duration.ZERO;
    for (JsonNode event : events) {
      if (is(event, "step")) {
        at = event.path("step").asLong();
      } else if (is(event, "start")) {
        starts++;
        long again = Math.max(0, at - event.path("step").asLong());
        lost += again;
        mostLost = Math.max(mostLost, again);
        at = event.path("step").asLong();
      } else if (is(event, "fault")) {
        fault = time(event);
      } else if (is(event, "attempt_failed") && fault != null) {
        Duration took = Duration.between(fault, time(event));
        stopping = took.compareTo(stopping) > 0 ? took : stopping;
        fault = null;
      }
    }
    return new Recovery(starts, lost, mostLost, stopping);
  }

  private static Instant time(JsonNode event) {
    return Instant.parse(event.path("time").asText());
  }

  private static boolean is(JsonNode event, String kind) {
    return event.path("event").asText().equals(kind);
  }
}
