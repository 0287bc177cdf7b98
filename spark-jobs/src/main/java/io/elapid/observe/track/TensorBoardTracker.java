package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * Writes TensorBoard's event files: scalars, pictures, histograms of gradients by layer. Every
 * submission and every writing after a failed one begins a file; TensorBoard reads all of a folder.
 *
 * <p>A run that falls back to a checkpoint does steps again: the start of a session tells
 * TensorBoard to drop what it had of them.
 */
final class TensorBoardTracker implements Tracker {
  private static final int SESSION_START = 1;
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Configuration conf;
  private final Path folder;
  private EventFile file;

  TensorBoardTracker(Configuration conf, Path folder) {
    this.conf = conf;
    this.folder = folder;
  }

  @Override
  public String name() {
    return "tensorboard";
  }

  @Override
  public Duration patience(Duration run) {
    return CLOSING;
  }

  @Override
  public Optional<String> unfinished() {
    return Optional.empty();
  }

  @Override
  public void accept(List<JsonNode> events, Ending ending) throws IOException {
    try {
      for (JsonNode event : events) {
        for (ProtoWriter message : messages(event)) {
          open().write(message);
        }
      }
      if (file != null && !events.isEmpty()) {
        file.flush();
      }
    } catch (IOException | FSError e) {
      // no one knows how the file ends now
      abandon();
      throw e;
    }
  }

  private EventFile open() throws IOException {
    if (file == null) {
      file = EventFile.create(conf, folder);
    }
    return file;
  }

  private void abandon() {
    EventFile failed = file;
    file = null;
    if (failed != null) {
      failed.abandon();
    }
  }

  private static List<ProtoWriter> messages(JsonNode event) throws IOException {
    Instant time = Scalars.time(event);
    long step = event.path("step").asLong();
    return switch (event.path("event").asText()) {
      case "start" ->
          List.of(
              EventFile.event(time, step + 1)
                  .message(7, new ProtoWriter().integer(1, SESSION_START)));
      case "step", "evaluation" -> scalars(Scalars.of(event));
      case "gradients" -> histograms(event, time, step);
      case "picture" -> List.of(picture(event, time, step));
      default -> List.of();
    };
  }

  private static List<ProtoWriter> scalars(Scalars scalars) {
    if (scalars.values().isEmpty()) {
      return List.of();
    }
    ProtoWriter summary = new ProtoWriter();
    for (Map.Entry<String, Double> scalar : scalars.values().entrySet()) {
      summary.message(
          1, new ProtoWriter().text(1, scalar.getKey()).number(2, scalar.getValue().floatValue()));
    }
    return List.of(EventFile.event(scalars.time(), scalars.step()).message(5, summary));
  }

  private static List<ProtoWriter> histograms(JsonNode event, Instant time, long step) {
    ProtoWriter summary = new ProtoWriter();
    for (JsonNode layer : event.path("layers")) {
      ProtoWriter histogram =
          new ProtoWriter()
              .number(1, layer.path("min").asDouble())
              .number(2, layer.path("max").asDouble())
              .number(3, layer.path("count").asDouble())
              .number(4, layer.path("sum").asDouble())
              .number(5, layer.path("squares").asDouble())
              .numbers(6, doubles(layer.path("limits")))
              .numbers(7, doubles(layer.path("buckets")));
      summary.message(
          1,
          new ProtoWriter()
              .text(1, "gradients/" + layer.path("layer").asText())
              .message(5, histogram));
    }
    return List.of(EventFile.event(time, step).message(5, summary));
  }

  private static List<Double> doubles(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asDouble()));
    return values;
  }

  private static ProtoWriter picture(JsonNode event, Instant time, long step) throws IOException {
    ProtoWriter image =
        new ProtoWriter()
            .integer(1, event.path("height").asLong())
            .integer(2, event.path("width").asLong())
            .integer(3, 3)
            .bytes(4, event.path("bytes").binaryValue());
    return EventFile.event(time, step)
        .message(
            5,
            new ProtoWriter()
                .message(
                    1, new ProtoWriter().text(1, event.path("tag").asText()).message(4, image)));
  }

  @Override
  public void end(Ending ending) throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
