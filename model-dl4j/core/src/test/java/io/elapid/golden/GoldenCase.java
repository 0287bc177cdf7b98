package io.elapid.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** One case of a {@link DownstreamGolden}. */
public record GoldenCase(DownstreamGolden golden, JsonNode json) {

  /**
   * The cases of an operation in all files of a family; if there are none, as {@link
   * Goldens#absent} says.
   */
  public static List<GoldenCase> of(String family, String op) {
    List<GoldenCase> cases = new ArrayList<>();
    for (DownstreamGolden golden : DownstreamGolden.family(family)) {
      golden.cases(op).forEach(json -> cases.add(new GoldenCase(golden, json)));
    }
    if (cases.isEmpty()) {
      Goldens.absent("%s: %s".formatted(family, op));
    }
    return cases;
  }

  /** The first case of another operation in the same file: what this one goes on from. */
  public GoldenCase companion(String op) {
    return new GoldenCase(
        golden,
        golden.cases(op).stream()
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("no %s beside %s".formatted(op, this))));
  }

  /** A parameter of the case. */
  public JsonNode param(String name) {
    return json.path("params").path(name);
  }

  /** A list of whole numbers among the parameters. */
  public List<Integer> integers(String param) {
    List<Integer> values = new ArrayList<>();
    param(param).forEach(v -> values.add(v.asInt()));
    return values;
  }

  /** Values of an input. */
  public float[] input(String name) {
    return golden.floats(node("inputs", name));
  }

  /** Whole numbers of an input. */
  public int[] inputInts(String name) {
    return golden.ints(node("inputs", name));
  }

  /** Shape of an input. */
  public long[] inputShape(String name) {
    return Goldens.longs(node("inputs", name).get("shape"));
  }

  public boolean hasInput(String name) {
    return json.path("inputs").has(name);
  }

  /** How many inputs are called {@code prefix} followed by 0, 1 and so on. */
  public int inputs(String prefix) {
    int count = 0;
    while (hasInput(prefix + count)) {
      count++;
    }
    return count;
  }

  /** Values of an output. */
  public float[] output(String name) {
    return golden.floats(node("outputs", name));
  }

  /** Whole numbers of an output. */
  public int[] outputInts(String name) {
    return golden.ints(node("outputs", name));
  }

  public boolean hasOutput(String name) {
    return json.path("outputs").has(name);
  }

  private JsonNode node(String section, String name) {
    JsonNode node = json.path(section).path(name);
    if (node.isMissingNode()) {
      throw new IllegalArgumentException("%s has no %s in %s".formatted(this, name, section));
    }
    return node;
  }

  /** Compares with an output, each value within the tolerance times its size if above 1. */
  public void check(String output, float... actual) {
    check(output, json.get("tol").asDouble(), actual);
  }

  /** The same with another tolerance. */
  public void check(String output, double tolerance, float... actual) {
    float[] expected = output(output);
    assertThat(actual).as("%s: %s", this, output).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s: %s[%d]", this, output, i)
          .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
    }
  }

  @Override
  public String toString() {
    return json.get("name").asText();
  }
}
