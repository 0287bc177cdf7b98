package io.elapid.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of reference values: an index in JSON, and the arrays either in a binary file beside it or
 * to be generated from a name and the file's seed.
 */
public record DownstreamGolden(JsonNode index, ByteBuffer bin) {

  /**
   * Every file of one family below the directory of golden files; if there are none, as {@link
   * Goldens#absent} says.
   */
  public static List<DownstreamGolden> family(String family) {
    List<DownstreamGolden> found = new ArrayList<>();
    for (Goldens.Golden golden : Goldens.all(file -> true)) {
      JsonNode index = golden.json();
      if (index.path("family").asText().equals(family) && index.has("cases")) {
        found.add(new DownstreamGolden(index, bytes(golden)));
      }
    }
    if (found.isEmpty()) {
      Goldens.absent(family);
    }
    return found;
  }

  private static ByteBuffer bytes(Goldens.Golden golden) {
    Path bin = golden.path().resolveSibling(golden.json().path("bin").asText());
    try {
      return ByteBuffer.wrap(Files.readAllBytes(bin));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The cases of one operation. */
  public List<JsonNode> cases(String op) {
    List<JsonNode> cases = new ArrayList<>();
    index.get("cases").forEach(c -> addIf(c.get("op").asText().equals(op), c, cases));
    return cases;
  }

  private static void addIf(boolean wanted, JsonNode node, List<JsonNode> list) {
    if (wanted) {
      list.add(node);
    }
  }

  /** The values of a float tensor, stored or generated. */
  public float[] floats(JsonNode tensor) {
    return tensor.has("fill") ? filled(tensor) : storedFloats(tensor);
  }

  /** The values of an int32 or uint8 tensor. */
  public int[] ints(JsonNode tensor) {
    ByteBuffer data = slice(tensor);
    boolean bytes = tensor.get("dtype").asText().equals("u8");
    int[] values = new int[data.limit() / (bytes ? 1 : Integer.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes ? data.get(i) & 0xff : data.getInt(i * Integer.BYTES);
    }
    return values;
  }

  private float[] storedFloats(JsonNode tensor) {
    float[] values = new float[tensor.get("bytes").asInt() / Float.BYTES];
    slice(tensor).asFloatBuffer().get(values);
    return values;
  }

  private ByteBuffer slice(JsonNode tensor) {
    return bin.slice(tensor.get("offset").asInt(), tensor.get("bytes").asInt())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private float[] filled(JsonNode tensor) {
    int length = 1;
    for (JsonNode size : tensor.get("shape")) {
      length *= size.asInt();
    }
    long state = fnv1a(tensor.get("fill").asText()) ^ index.get("seed").asLong();
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      double u = uniform(state + (i + 1) * 0x9E3779B97F4A7C15L);
      values[i] = (float) shaped(u, tensor);
    }
    return values;
  }

  private static double shaped(double u, JsonNode tensor) {
    return switch (tensor.get("kind").asText()) {
      case "input" -> 2 * u - 1;
      case "weight" -> (2 * u - 1) * Math.sqrt(3.0 / tensor.get("fan_in").asInt());
      case "bias", "running_mean" -> .2 * u - .1;
      case "norm_weight", "running_var" -> .5 + u;
      default -> throw new IllegalArgumentException(tensor.toString());
    };
  }

  private static double uniform(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (float) ((z >>> 40) * 0x1p-24);
  }

  private static long fnv1a(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
