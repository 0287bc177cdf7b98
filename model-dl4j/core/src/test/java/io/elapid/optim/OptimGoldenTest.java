package io.elapid.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.OptimizerKernel.Units;
import io.elapid.kernel.ReferenceKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Optimiser, clipping and averaging against values that PyTorch and timm computed. */
class OptimGoldenTest {
  private static final OptimizerKernel KERNEL = new ReferenceKernels().optimizer();
  private static final List<String> CLIPPED = List.of("conv", "lin", "vec", "dw");

  /** Both element types take the same path through the public API. */
  enum Precision {
    FLOAT,
    DOUBLE;

    FlatVector vector(float... values) {
      return this == FLOAT ? Vectors.floats(values) : Vectors.doubles(values);
    }
  }

  @ParameterizedTest
  @EnumSource
  void adamWFollowsTorchOverSeveralSteps(Precision precision) {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (JsonNode c : golden.cases("adamw")) {
        adamW(golden, c, precision);
      }
    }
  }

  private static void adamW(DownstreamGolden golden, JsonNode c, Precision precision) {
    JsonNode params = c.get("params");
    JsonNode in = c.get("inputs");
    float[] lin = golden.floats(in.get("p_lin"));
    float[] vec = golden.floats(in.get("p_vec"));
    FlatVector p = precision.vector(concat(lin, vec));
    int n = p.length();
    AdamW adamW =
        new AdamW(
            new AdamWSettings(
                params.get("betas").get(0).asDouble(),
                params.get("betas").get(1).asDouble(),
                params.get("eps").asDouble(),
                params.get("weight_decay").get("lin").asDouble()),
            List.of(ParameterRange.decayed(0, lin.length), ParameterRange.undecayed(lin.length, n)),
            precision.vector(new float[n]),
            precision.vector(new float[n]));
    for (int step = 0; in.has("g" + step + "_lin"); step++) {
      float[] g =
          concat(
              golden.floats(in.get("g" + step + "_lin")),
              golden.floats(in.get("g" + step + "_vec")));
      adamW.update(KERNEL, new AdamW.Step(p, precision.vector(g), 1, params.get("lr").asDouble()));
      JsonNode out = c.get("outputs");
      double[] expected =
          Vectors.widen(
              concat(golden.floats(out.get("lin" + step)), golden.floats(out.get("vec" + step))));
      assertThat(Vectors.values(p)).containsExactly(expected, within(c.get("tol").asDouble()));
      assertThat(adamW.steps()).isEqualTo(step + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void clippingFollowsTorch(Precision precision) {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (JsonNode c : golden.cases("clip_grad_norm")) {
        float[] g = concat(golden, c.get("inputs"), "g_");
        FlatVector vector = precision.vector(g);
        double norm = GradientClip.norm(KERNEL, vector);
        assertThat(norm).isCloseTo(c.at("/params/total_norm").asDouble(), within(1e-5));
        double coefficient = GradientClip.coefficient(norm, c.at("/params/max_norm").asDouble());
        assertThat(coefficient).isCloseTo(c.at("/params/coef").asDouble(), within(1e-8));
        GradientClip.scale(KERNEL, vector, coefficient);
        assertThat(Vectors.values(vector))
            .containsExactly(
                Vectors.widen(concat(golden, c.get("outputs"), "")),
                within(c.get("tol").asDouble()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void adaptiveClippingFollowsTimm(Precision precision) {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (JsonNode c : golden.cases("agc")) {
        FlatVector weights = precision.vector(concat(golden, c.get("inputs"), "p_"));
        FlatVector gradients = precision.vector(scaled(golden, c));
        GradientClip.adapt(
            KERNEL, weights, gradients, units(c), c.at("/params/clip_factor").asDouble(), 1);
        assertThat(c.at("/params/eps").asDouble()).isEqualTo(1e-3);
        assertThat(Vectors.values(gradients))
            .containsExactly(
                Vectors.widen(concat(golden, c.get("outputs"), "")),
                within(c.get("tol").asDouble()));
      }
    }
  }

  /** The gradients, each multiplied as the file says. */
  private static float[] scaled(DownstreamGolden golden, JsonNode c) {
    float[] all = new float[0];
    for (String name : CLIPPED) {
      float[] values = golden.floats(c.at("/inputs/g_" + name));
      double scale = c.at("/params/grad_scale/" + name).asDouble();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (scale * values[i]);
      }
      all = concat(all, values);
    }
    return all;
  }

  private static List<Units> units(JsonNode c) {
    List<Units> units = new ArrayList<>();
    int from = 0;
    for (String name : CLIPPED) {
      JsonNode shape = c.at("/inputs/p_" + name).get("shape");
      int length = 1;
      for (JsonNode size : shape) {
        length *= size.asInt();
      }
      int count = shape.size() > 1 ? shape.get(0).asInt() : 1;
      units.add(new Units(from, count, length / count));
      from += length;
    }
    return units;
  }

  @ParameterizedTest
  @EnumSource
  void averagingFollowsTimm(Precision precision) {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (JsonNode c : golden.cases("ema")) {
        FlatVector average = precision.vector(golden.floats(c.at("/inputs/ema")));
        FlatVector model = precision.vector(golden.floats(c.at("/inputs/model")));
        Ema ema = new Ema(c.at("/params/decay").asDouble());
        for (int step = 0; step < c.at("/params/steps").asInt(); step++) {
          ema.update(KERNEL, average, model);
        }
        assertThat(Vectors.values(average))
            .containsExactly(
                Vectors.widen(golden.floats(c.at("/outputs/y"))), within(c.get("tol").asDouble()));
      }
    }
  }

  private static float[] concat(DownstreamGolden golden, JsonNode tensors, String prefix) {
    return CLIPPED.stream()
        .map(name -> golden.floats(tensors.get(prefix + name)))
        .reduce(new float[0], OptimGoldenTest::concat);
  }

  private static float[] concat(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
