package io.elapid.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON part of a safetensors file, checked against the size of the data that follows it. */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;
  private static final JsonMapper JSON = new JsonMapper();
  private static final ObjectReader STRICT =
      JSON.reader()
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Bytes {@code [begin, end)} of the data, interpreted. */
  record Entry(String name, DType type, long[] shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }
  }

  /** The header of tensors that follow each other in this order, padded with blanks. */
  static byte[] encode(Map<String, String> metadata, List<NamedTensor> tensors) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode text = root.putObject(METADATA);
      metadata.forEach(text::put);
    }
    long offset = 0;
    for (NamedTensor tensor : tensors) {
      if (root.has(tensor.name()) || tensor.name().equals(METADATA)) {
        throw new IllegalArgumentException("tensor name used twice or reserved: " + tensor.name());
      }
      ObjectNode entry = root.putObject(tensor.name()).put("dtype", tensor.type().name());
      Arrays.stream(tensor.shape()).forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(offset).add(offset + tensor.data().limit());
      offset += tensor.data().limit();
    }
    byte[] json = JSON.writeValueAsBytes(root);
    int unpadded = Safetensors.PREFIX_BYTES + json.length;
    byte[] padded = Arrays.copyOf(json, json.length + Math.floorMod(-unpadded, ALIGNMENT));
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /** Reads and checks a header in front of {@code dataBytes} bytes of data. */
  static SafetensorsHeader decode(String source, byte[] header, long dataBytes) {
    JsonNode root = parse(source, header);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        metadata.putAll(metadata(source, field.getValue()));
      } else {
        entries.add(entry(source, field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    requireTiling(source, entries, dataBytes);
    return new SafetensorsHeader(metadata, List.copyOf(entries));
  }

  private static JsonNode parse(String source, byte[] header) {
    try {
      JsonNode root = STRICT.readTree(new String(header, UTF_8));
      if (root.isObject()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw Safetensors.damaged(
          source, "has a header that is not JSON: " + e.getOriginalMessage(), e);
    }
    throw Safetensors.damaged(source, "has a header that is not a JSON object");
  }

  private static Map<String, String> metadata(String source, JsonNode node) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw Safetensors.damaged(source, "has metadata that is not text: " + field.getKey());
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    }
    return metadata;
  }

  private static Entry entry(String source, String name, JsonNode node) {
    DType type = type(source, name, node.path("dtype"));
    long[] shape = longs(source, name, "shape", node.path("shape"));
    long[] offsets = longs(source, name, "data_offsets", node.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw tensorProblem(source, name, "has data_offsets " + Arrays.toString(offsets));
    }
    Entry entry = new Entry(name, type, shape, offsets[0], offsets[1]);
    if (entry.bytes() > Integer.MAX_VALUE) {
      throw tensorProblem(source, name, "is larger than 2 GiB");
    }
    if (bytes(shape, type) != entry.bytes()) {
      throw tensorProblem(
          source,
          name,
          "of type %s and shape %s has %d bytes"
              .formatted(type, Arrays.toString(shape), entry.bytes()));
    }
    return entry;
  }

  private static DType type(String source, String name, JsonNode node) {
    for (DType type : DType.values()) {
      if (type.name().equals(node.asText())) {
        return type;
      }
    }
    throw tensorProblem(source, name, "has the unknown dtype " + node);
  }

  private static long[] longs(String source, String name, String field, JsonNode node) {
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.path(i);
      if (!value.canConvertToLong() || !value.isIntegralNumber() || value.longValue() < 0) {
        throw tensorProblem(source, name, "has %s %s".formatted(field, node));
      }
      values[i] = value.longValue();
    }
    if (!node.isArray()) {
      throw tensorProblem(source, name, "has no " + field);
    }
    return values;
  }

  // -1 when the product does not fit, which equals no size
  private static long bytes(long[] shape, DType type) {
    long product = type.bytes();
    for (long size : shape) {
      if (size != 0 && product > Long.MAX_VALUE / size) {
        return -1;
      }
      product *= size;
    }
    return product;
  }

  private static void requireTiling(String source, List<Entry> entries, long dataBytes) {
    long end = 0;
    for (Entry entry : entries) {
      if (entry.begin() < end) {
        throw tensorProblem(source, entry.name(), "overlaps the tensor before it");
      }
      if (entry.begin() > end) {
        throw tensorProblem(source, entry.name(), "leaves a gap before it");
      }
      end = entry.end();
      if (end > dataBytes) {
        throw tensorProblem(
            source,
            entry.name(),
            "ends at byte %d of %d, so the file is truncated".formatted(end, dataBytes));
      }
    }
    if (end != dataBytes) {
      throw Safetensors.damaged(
          source, "has %d bytes after the last tensor".formatted(dataBytes - end));
    }
  }

  private static InputException tensorProblem(String source, String name, String problem) {
    return Safetensors.damaged(source, "lists tensor %s, which %s".formatted(name, problem));
  }
}
