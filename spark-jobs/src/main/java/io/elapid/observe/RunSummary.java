package io.elapid.observe;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.task.evaluation.CocoResults;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A run in one line, as its metrics log tells it.
 *
 * @param recipe its name; empty in logs that do not say
 * @param model the network's name; empty in logs that do not say
 * @param data the data set; empty in logs that do not say
 * @param step updates done
 * @param totalSteps updates of the whole run; 0 before any
 * @param metric what the best evaluation is best in
 * @param best the best value; empty before the first evaluation
 * @param spent time of all submissions, as far as the log goes
 * @param state how the last submission ended; empty if the log does not say
 */
public record RunSummary(
    String recipe,
    String model,
    String data,
    long step,
    long totalSteps,
    String metric,
    OptionalDouble best,
    Duration spent,
    Optional<String> state) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The run in {@code folder}; empty if nothing was logged there. */
  public static Optional<RunSummary> read(Configuration conf, Path folder) throws IOException {
    MetricsFiles files = MetricsFiles.in(conf, folder);
    Builder builder = new Builder();
    for (Path file : files.list()) {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(files.fileSystem().open(file), StandardCharsets.UTF_8))) {
        for (Iterator<String> each = lines.lines().iterator(); each.hasNext(); ) {
          builder.add(each.next());
        }
      }
    }
    return builder.build();
  }

  /** Gathers a summary line by line. */
  private static final class Builder {
    private JsonNode run = JSON.createObjectNode();
    private String state;
    private long step;
    private long totalSteps;
    private Instant submitted;
    private Instant last;
    private Duration spent = Duration.ZERO;
    private final List<JsonNode> evaluations = new ArrayList<>();

    void add(String line) {
      try {
        JsonNode event = JSON.readTree(line);
        if (event.path("event").isTextual()) {
          add(event);
        }
      } catch (JacksonException e) {
        // what a killed writer leaves
        return;
      }
    }

    private void add(JsonNode event) {
      boolean begins = event.path("event").asText().equals("run") || submitted == null;
      if (begins && submitted != null) {
        spent = spent.plus(submission());
      }
      last = time(event).orElse(last == null ? Instant.EPOCH : last);
      submitted = begins ? last : submitted;
      switch (event.path("event").asText()) {
        case "run" -> {
          run = event;
          state = null;
        }
        case "start" -> {
          step = event.path("step").asLong();
          totalSteps = event.path("total_steps").asLong();
        }
        case "step" -> step = event.path("step").asLong();
        case "evaluation" -> {
          step = event.path("step").asLong();
          evaluations.add(event);
        }
        case "end" -> state = event.path("state").asText();
        default -> {
          // of no interest here
        }
      }
    }

    /** Nothing where the clock has been set back meanwhile. */
    private Duration submission() {
      return last.isAfter(submitted) ? Duration.between(submitted, last) : Duration.ZERO;
    }

    private String metric() {
      return run.path("metric").asText("top1");
    }

    /** In what the last submission goes by, which may be another metric than before. */
    private OptionalDouble best() {
      DoubleStream values =
          evaluations.stream()
              .mapToDouble(event -> event.path(metric()).asDouble(Double.NaN))
              // that where nothing was to be found is no result
              .filter(value -> !Double.isNaN(value) && value != CocoResults.ABSENT);
      return metric().equals("loss") ? values.min() : values.max();
    }

    private static Optional<Instant> time(JsonNode event) {
      try {
        return Optional.of(Instant.parse(event.path("time").asText()));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }

    Optional<RunSummary> build() {
      if (submitted == null) {
        return Optional.empty();
      }
      return Optional.of(
          new RunSummary(
              run.path("name").asText(),
              run.path("model").asText(),
              run.path("data").asText(),
              step,
              totalSteps,
              metric(),
              best(),
              spent.plus(submission()),
              Optional.ofNullable(state)));
    }
  }
}
