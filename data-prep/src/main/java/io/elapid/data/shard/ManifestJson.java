package io.elapid.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.TargetKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The manifest as JSON, field by field: the file outlives this version of the classes, and a reader
 * should hear which field is wrong. All problems of {@link #read} are IllegalArgumentExceptions.
 */
final class ManifestJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ManifestJson() {}

  static String write(Manifest manifest) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schemaVersion", manifest.schemaVersion());
    root.put("dataset", manifest.dataset());
    root.put("kind", manifest.kind().name().toLowerCase(Locale.ROOT));
    root.put("quarantined", manifest.quarantined());
    root.put("remarks", manifest.remarks());
    manifest.mean().forEach(root.putArray("mean")::add);
    manifest.std().forEach(root.putArray("std")::add);
    ObjectNode createdBy = root.putObject("createdBy");
    manifest.createdBy().forEach(createdBy::put);
    ArrayNode classes = root.putArray("classes");
    for (ClassLabel label : manifest.classes()) {
      classes
          .addObject()
          .put("index", label.index())
          .put("id", label.id())
          .put("name", label.name());
    }
    ObjectNode splits = root.putObject("splits");
    manifest.splits().forEach((name, shards) -> shards(splits.putArray(name), shards));
    return root.toPrettyString() + "\n";
  }

  private static void shards(ArrayNode array, List<ShardSummary> shards) {
    for (ShardSummary shard : shards) {
      ObjectNode node = array.addObject();
      node.put("file", shard.file());
      node.put("rows", shard.rows());
      node.put("bytes", shard.bytes());
      node.put("sha256", shard.sha256());
      shard.rowGroupRows().forEach(node.putArray("rowGroupRows")::add);
    }
  }

  static Manifest read(String json) throws JsonProcessingException {
    JsonNode root = MAPPER.readTree(json);
    int version = (int) number(root, "schemaVersion", "");
    if (version != Manifest.SCHEMA_VERSION) {
      throw new IllegalArgumentException(
          "schemaVersion is " + version + ", this program reads " + Manifest.SCHEMA_VERSION);
    }
    Map<String, List<ShardSummary>> splits = new LinkedHashMap<>();
    field(root, "splits", "")
        .fields()
        .forEachRemaining(
            split ->
                splits.put(split.getKey(), shards(split.getValue(), "splits." + split.getKey())));
    Map<String, String> createdBy = new LinkedHashMap<>();
    field(root, "createdBy", "")
        .fields()
        .forEachRemaining(entry -> createdBy.put(entry.getKey(), entry.getValue().asText()));
    return new Manifest(
        version,
        text(root, "dataset", ""),
        kind(root),
        classes(root),
        splits,
        number(root, "quarantined", ""),
        root.has("remarks") ? number(root, "remarks", "") : 0,
        numbers(root, "mean"),
        numbers(root, "std"),
        createdBy);
  }

  /** Data sets that do not say were made when there was only one kind. */
  private static TargetKind kind(JsonNode root) {
    String name = root.has("kind") ? text(root, "kind", "") : "classification";
    for (TargetKind kind : TargetKind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("kind is " + name + ", this program does not know it");
  }

  private static List<ClassLabel> classes(JsonNode root) {
    List<ClassLabel> classes = new ArrayList<>();
    for (JsonNode node : array(root, "classes", "")) {
      String where = "classes[" + classes.size() + "]";
      int index = (int) number(node, "index", where);
      if (index != classes.size()) {
        throw new IllegalArgumentException(where + ".index is " + index);
      }
      classes.add(new ClassLabel(index, text(node, "id", where), text(node, "name", where)));
    }
    return classes;
  }

  private static List<ShardSummary> shards(JsonNode nodes, String split) {
    List<ShardSummary> shards = new ArrayList<>();
    for (JsonNode node : nodes) {
      String where = split + "[" + shards.size() + "]";
      List<Integer> groups = new ArrayList<>();
      long sum = 0;
      for (JsonNode rows : array(node, "rowGroupRows", where)) {
        groups.add(rows.asInt());
        sum += rows.asInt();
      }
      long rows = number(node, "rows", where);
      if (sum != rows) {
        throw new IllegalArgumentException(
            where + ".rowGroupRows add up to " + sum + " rows instead of " + rows);
      }
      shards.add(
          new ShardSummary(
              text(node, "file", where),
              rows,
              number(node, "bytes", where),
              text(node, "sha256", where),
              groups,
              List.of(),
              List.of()));
    }
    return shards;
  }

  private static List<Double> numbers(JsonNode root, String name) {
    List<Double> values = new ArrayList<>();
    for (JsonNode value : array(root, name, "")) {
      values.add(value.asDouble());
    }
    if (values.size() != 3) {
      throw new IllegalArgumentException(name + " needs 3 numbers, has " + values.size());
    }
    return values;
  }

  private static JsonNode array(JsonNode node, String name, String where) {
    JsonNode value = field(node, name, where);
    if (!value.isArray()) {
      throw new IllegalArgumentException(path(where, name) + " is not a list");
    }
    return value;
  }

  private static String text(JsonNode node, String name, String where) {
    JsonNode value = field(node, name, where);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(path(where, name) + " is not a text");
    }
    return value.asText();
  }

  private static long number(JsonNode node, String name, String where) {
    JsonNode value = field(node, name, where);
    if (!value.isIntegralNumber() || value.asLong() < 0) {
      throw new IllegalArgumentException(path(where, name) + " is not a count");
    }
    return value.asLong();
  }

  private static JsonNode field(JsonNode node, String name, String where) {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new IllegalArgumentException("field " + path(where, name) + " is missing");
    }
    return value;
  }

  private static String path(String where, String name) {
    return where.isEmpty() ? name : where + "." + name;
  }
}
