package io.elapid.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Expected values computed by the original implementations. Every file below {@code
 * -Delapid.golden.dir} (default: the copies in this module) that is of the wanted family is used.
 */
public final class Golden {
  /** One case of a golden file, with the tensors it points at. */
  public record Case(String name, JsonNode node, byte[] bin, long seed) {
    public JsonNode params() {
      return node.get("params");
    }

    public double tolerance() {
      return node.path("tol").asDouble(0);
    }

    /** An unsigned 8-bit picture (height, width, 3). */
    public Image image(String group, String name) {
      JsonNode tensor = node.get(group).get(name);
      JsonNode shape = tensor.get("shape");
      int offset = tensor.get("offset").asInt();
      byte[] rgb = Arrays.copyOfRange(bin, offset, offset + tensor.get("bytes").asInt());
      return new Image(shape.get(1).asInt(), shape.get(0).asInt(), rgb);
    }

    public byte[] bytes(String group, String name) {
      JsonNode tensor = node.get(group).get(name);
      int offset = tensor.get("offset").asInt();
      return Arrays.copyOfRange(bin, offset, offset + tensor.get("bytes").asInt());
    }

    /** Unsigned 8-bit numbers (height, width). */
    public LabelMap labels(String group, String name) {
      int[] shape = shape(group, name);
      int offset = node.get(group).get(name).get("offset").asInt();
      return new LabelMap(
          shape[1], shape[0], Arrays.copyOfRange(bin, offset, offset + shape[0] * shape[1]));
    }

    public int[] shape(String group, String name) {
      JsonNode shape = node.get(group).get(name).get("shape");
      return StreamSupport.stream(shape.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    public int[] ints(String group, String name) {
      JsonNode tensor = node.get(group).get(name);
      int[] values = new int[tensor.get("bytes").asInt() / 4];
      data(tensor).asIntBuffer().get(values);
      return values;
    }

    public float[] floats(String group, String name) {
      JsonNode tensor = node.get(group).get(name);
      if (tensor.has("fill")) {
        return filled(tensor.get("fill").asText(), shape(group, name));
      }
      float[] values = new float[tensor.get("bytes").asInt() / 4];
      data(tensor).asFloatBuffer().get(values);
      return values;
    }

    private ByteBuffer data(JsonNode tensor) {
      return ByteBuffer.wrap(bin)
          .order(ByteOrder.LITTLE_ENDIAN)
          .position(tensor.get("offset").asInt())
          .slice()
          .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Inputs that are generated from their name and the file's seed. */
    private float[] filled(String fill, int[] shape) {
      long hash = 0xcbf29ce484222325L;
      for (byte b : fill.getBytes(StandardCharsets.UTF_8)) {
        hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
      }
      SplitMix random = new SplitMix(hash ^ seed);
      float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        float u = (float) ((random.nextLong() >>> 40) * 0x1.0p-24);
        values[i] = (float) (2.0 * u - 1);
      }
      return values;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Golden() {}

  /** All cases of an operation in all files of a family. */
  public static List<Case> cases(String family, String operation) {
    List<Case> cases = new ArrayList<>();
    for (Path file : paths(".json")) {
      addCases(file, family, operation, cases);
    }
    return cases;
  }

  /** All files of a name, for families that are no lists of cases. */
  public static List<JsonNode> files(String name) {
    return paths("/" + name).stream().map(Golden::read).toList();
  }

  /** All files of a family. */
  public static List<JsonNode> family(String family) {
    return paths(".json").stream()
        .map(Golden::read)
        .filter(file -> file.path("family").asText().equals(family) && file.has("cases"))
        .toList();
  }

  /** How many files there are of all kinds. */
  static int count() {
    return paths(".json").size();
  }

  private static List<Path> paths(String ending) {
    String given = System.getProperty("elapid.golden.dir", "");
    Path folder = Path.of(given.isBlank() ? "src/test/resources/golden" : given);
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addCases(Path file, String family, String operation, List<Case> out) {
    JsonNode root = read(file);
    if (!root.path("family").asText().equals(family) || !root.has("cases")) {
      return;
    }
    byte[] bin = bytes(file.resolveSibling(root.get("bin").asText()));
    for (JsonNode node : root.get("cases")) {
      if (node.get("op").asText().equals(operation)) {
        out.add(
            new Case(
                file.getFileName() + ": " + node.get("name").asText(),
                node,
                bin,
                root.path("seed").asLong()));
      }
    }
  }
}
