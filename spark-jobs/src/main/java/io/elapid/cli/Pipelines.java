package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The jobs of a pipeline and what is passed to each, from the file that Airflow's DAGs read, too.
 */
final class Pipelines {
  private static final JsonMapper JSON = new JsonMapper();

  /** HDFS takes no colon in names, and would say so only once the data set is prepared. */
  private static final String FOLDER_NAME = "[^/:\\p{Cntrl}]+";

  private final Path file;
  private final JsonNode all;

  /**
   * One job.
   *
   * @param arguments for elapid; empty for the gate
   * @param gate file, measure and the least that it must be; empty for a job
   */
  record Task(String id, List<String> arguments, List<String> gate) {}

  private Pipelines(Path file, JsonNode all) {
    this.file = file;
    this.all = all;
  }

  static Pipelines read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file + " is not there", "use the launcher elapid, or set ELAPID_HOME to where it is");
    }
    return new Pipelines(file, JSON.readTree(file.toFile()));
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    all.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * The tasks of a pipeline in their order.
   *
   * @param given values of its parameters in place of the defaults, and {@code run_id}
   * @throws InputException if there is no such pipeline or parameter, or a value breaks its rule
   */
  List<Task> tasks(String name, Map<String, String> given) {
    if (!all.has(name)) {
      throw new InputException(file + " has no pipeline " + name, "name one of " + names());
    }
    JsonNode pipeline = all.path(name);
    Map<String, String> values = new LinkedHashMap<>();
    pipeline
        .path("params")
        .fields()
        .forEachRemaining(p -> values.put(p.getKey(), p.getValue().asText()));
    List<String> known = new ArrayList<>(values.keySet());
    known.add("run_id");
    given.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            throw new InputException(name + " has no parameter " + key, "name one of " + known);
          }
          check(pipeline.path("checks").path(key), key, value);
          if (key.equals("run_id") && !value.matches(FOLDER_NAME)) {
            throw new InputException(
                "run_id = %s: not part of a folder's name".formatted(value),
                "leave out : and /, as in try-1 or $(date +%F)");
          }
          values.put(key, value);
        });
    pipeline
        .path("derived")
        .fields()
        .forEachRemaining(d -> values.put(d.getKey(), filled(d.getValue().asText(), values)));
    List<Task> tasks = new ArrayList<>();
    for (JsonNode task : pipeline.path("tasks")) {
      tasks.add(
          new Task(
              task.path("id").asText(),
              words(task.path("arguments"), values),
              words(task.path("gate"), values)));
    }
    return tasks;
  }

  private static void check(JsonNode rule, String key, String value) {
    if (rule.has("pattern") && !value.matches(rule.path("pattern").asText())) {
      throw new InputException(
          "%s = %s: not %s".formatted(key, value, rule.path("description").asText()),
          "give a value that matches " + rule.path("pattern").asText());
    }
    if (rule.has("enum")) {
      List<String> choices = words(rule.path("enum"), Map.of());
      if (!choices.contains(value)) {
        throw new InputException(
            "%s = %s: not %s".formatted(key, value, rule.path("description").asText()),
            "choose one of " + choices);
      }
    }
  }

  private static List<String> words(JsonNode array, Map<String, String> values) {
    List<String> words = new ArrayList<>();
    array.forEach(word -> words.add(filled(word.asText(), values)));
    return words;
  }

  /** Values are put in as they are, braces of their own included. */
  private static String filled(String template, Map<String, String> values) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', from)) {
      int close = template.indexOf('}', open);
      String key = template.substring(open + 1, close);
      if (!values.containsKey(key)) {
        throw new InputException(
            "'%s' needs %s".formatted(template, key), "give " + key + "=VALUE");
      }
      text.append(template, from, open).append(values.get(key));
      from = close + 1;
    }
    return text.append(template.substring(from)).toString();
  }
}
