package io.elapid.checkpoint;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link CheckpointMeta} as safetensors metadata, so that a single file of weights, copied away
 * from its checkpoint, still says what it is.
 */
final class WeightMetadata {
  private static final JsonMapper JSON =
      JsonMapper.builder().defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)).build();
  private static final String MODEL = "elapid.model";
  private static final String CLASSES = "elapid.classes";
  private static final String IMAGE_SIZE = "elapid.image-size";
  private static final String STEP = "elapid.step";
  private static final String EPOCH = "elapid.epoch";
  private static final String LABELS = "elapid.class-labels";
  private static final String PROVENANCE = "elapid.provenance";
  private static final String RECIPE = "elapid.recipe";
  private static final String METRICS = "elapid.metrics";

  private WeightMetadata() {}

  static Map<String, String> encode(CheckpointMeta meta) {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("format", "pt");
    text.put(MODEL, meta.model());
    text.put(CLASSES, Integer.toString(meta.classes()));
    text.put(IMAGE_SIZE, Integer.toString(meta.imageSize()));
    text.put(STEP, Long.toString(meta.step()));
    text.put(EPOCH, Long.toString(meta.epoch()));
    text.put(METRICS, json(meta.metrics()));
    text.put(LABELS, json(meta.classLabels()));
    text.put(PROVENANCE, json(meta.provenance()));
    text.put(RECIPE, meta.recipe());
    return text;
  }

  /** Empty for a file that another program wrote. */
  static Optional<CheckpointMeta> decode(String source, Map<String, String> text) {
    if (!text.containsKey(MODEL)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new CheckpointMeta(
              text.get(MODEL),
              Integer.parseInt(text.getOrDefault(CLASSES, "")),
              Integer.parseInt(text.getOrDefault(IMAGE_SIZE, "")),
              Long.parseLong(text.getOrDefault(STEP, "0")),
              Long.parseLong(text.getOrDefault(EPOCH, "0")),
              value(text.getOrDefault(LABELS, "[]"), new TypeReference<List<ClassLabel>>() {}),
              value(
                  text.getOrDefault(PROVENANCE, "{}"), new TypeReference<Map<String, String>>() {}),
              text.getOrDefault(RECIPE, ""),
              value(
                  text.getOrDefault(METRICS, "{}"), new TypeReference<Map<String, Double>>() {})));
    } catch (JsonProcessingException | NumberFormatException e) {
      throw new InputException(
          "%s: its metadata elapid.* cannot be read: %s".formatted(source, e.getMessage()),
          "Copy the file again from its checkpoint.",
          e);
    }
  }

  private static <T> T value(String json, TypeReference<T> type) throws JsonProcessingException {
    T value = JSON.readValue(json, type);
    if (value == null) {
      throw new JsonMappingException(null, "null stands for a value");
    }
    return value;
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
