package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.op.OpRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every tensor of every family starts from, by the rules of the official code. */
@Tag("backend")
class InitialisationTest {
  private static final String SMALLEST_OF_EACH_FAMILY = "smallestOfEachFamily";

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  static List<Arguments> smallestOfEachFamily() {
    return List.of(
        rules("tinyvim_s", InitialisationTest::tinyVim),
        rules("mobilemamba_t2", InitialisationTest::mobileMamba),
        rules("efficientvim_m1", InitialisationTest::efficientVim),
        rules("efficientvmamba_t", InitialisationTest::efficientVMamba));
  }

  private static Arguments rules(String name, Function<Slot, Start> rules) {
    return Arguments.of(name, rules);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource(SMALLEST_OF_EACH_FAMILY)
  void everyTensorStartsAsTheOfficialCodeStartsIt(String name, Function<Slot, Start> rules) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 100);
    Weights weights = table.initialWeights(7);
    for (Slot slot : table.slots()) {
      if (!leaf(slot).endsWith("wt_filter")) {
        double[] values = weights.values(slot.name(), slot.shape());
        common(slot, rules).check(slot.name(), values);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_t2", "efficientvim_m1", "efficientvmamba_t"})
  void theStartIsAFunctionOfTheSeedAndNotOfTheHead(String name) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 10);
    ParameterTable wider = Models.byName(name).tensors(Mode.TRAIN, 11);
    int different = 0;
    for (Slot slot : table.parameters()) {
      double[] values = table.initialWeights(1).values(slot.name(), slot.shape());
      if (slot.shape()[0] != 10) {
        assertThat(wider.initialWeights(1).values(slot.name(), slot.shape()))
            .as(slot.name())
            .isEqualTo(values);
      }
      double[] other = table.initialWeights(2).values(slot.name(), slot.shape());
      different += Arrays.equals(values, other) ? 0 : 1;
    }
    assertThat(different).isGreaterThan(20);
  }

  /** Of the networks whose norms start at zero, the branches add nothing at first. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mobilemamba_t2", "mobilemamba_t4", "mobilemamba_s6",
        "mobilemamba_b1", "mobilemamba_b2", "mobilemamba_b4"
      })
  void normsThatCloseABranchStartAtZeroAndNoOthers(String name) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 10);
    Weights weights = table.initialWeights(3);
    List<String> silent =
        table.parameters().stream()
            .filter(slot -> leaf(slot).equals("weight") && slot.shape().length == 1)
            .filter(slot -> weights.values(slot.name(), slot.shape())[0] == 0)
            .map(Slot::name)
            .collect(Collectors.toList());
    assertThat(silent)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(
            table.parameters().stream()
                .map(Slot::name)
                .filter(InitialisationTest::closesAMobileMambaBranch)
                .toList());
  }

  /** A distribution that a tensor's values must look drawn from. */
  private sealed interface Start {
    void check(String name, double[] values);
  }

  private record Constant(double value) implements Start {
    @Override
    public void check(String name, double[] values) {
      assertThat(values).as(name).containsOnly(value);
    }
  }

  private record Uniform(double low, double high) implements Start {
    static Uniform within(double bound) {
      return new Uniform(-bound, bound);
    }

    @Override
    public void check(String name, double[] values) {
      double width = high - low;
      assertThat(values).as(name).allSatisfy(v -> assertThat(v).isBetween(low, high));
      assertMoments(name, values, (low + high) / 2, width / Math.sqrt(12));
    }
  }

  private record Normal(double deviation) implements Start {
    @Override
    public void check(String name, double[] values) {
      assertMoments(name, values, 0, deviation);
      // of a uniform distribution with this deviation none would be
      if (values.length >= 1000) {
        assertThat(Arrays.stream(values).filter(v -> Math.abs(v) > 2 * deviation).count())
            .as(name)
            .isPositive();
      }
    }
  }

  /** {@code ln(1), ln(2), ...} in every row. */
  private record LogarithmsOf(int states) implements Start {
    @Override
    public void check(String name, double[] values) {
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i]).as(name).isCloseTo(Math.log(i % states + 1), within(1e-12));
      }
    }
  }

  /** Such that softplus gives steps whose logarithms are uniform between 0.001 and 0.1. */
  private record InverseSoftplusOfSteps() implements Start {
    @Override
    public void check(String name, double[] values) {
      double[] logarithms =
          Arrays.stream(values).map(v -> Math.log(Math.log1p(Math.exp(v)))).toArray();
      new Uniform(Math.log(0.001) - 1e-9, Math.log(0.1) + 1e-9).check(name, logarithms);
    }
  }

  /** Mean and deviation within five standard errors. */
  private static void assertMoments(String name, double[] values, double mean, double deviation) {
    double count = values.length;
    double average = Arrays.stream(values).average().orElseThrow();
    assertThat(average).as(name).isCloseTo(mean, within(5 * deviation / Math.sqrt(count)));
    double square = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertThat(square / (deviation * deviation))
        .as(name)
        .isCloseTo(1, within(5 * Math.sqrt(2 / count)));
  }

  private static Start common(Slot slot, Function<Slot, Start> rules) {
    return switch (leaf(slot)) {
      case "running_mean" -> new Constant(0);
      case "running_var", "Ds", "D" -> new Constant(1);
      case "x_proj_weight" -> Uniform.within(1 / Math.sqrt(last(slot)));
      default -> rules.apply(slot);
    };
  }

  /** The start of Mamba's own state space. */
  private static Start mamba(Slot slot) {
    return switch (leaf(slot)) {
      case "dt_projs_weight" -> Uniform.within(1 / Math.sqrt(last(slot)));
      case "dt_projs_bias" -> new InverseSoftplusOfSteps();
      case "A_logs" -> new LogarithmsOf((int) last(slot));
      default -> throw new IllegalArgumentException("no rule for " + slot);
    };
  }

  private static Start tinyVim(Slot slot) {
    return switch (leaf(slot)) {
      case "weight" -> slot.shape().length == 1 ? new Constant(1) : new Normal(0.02);
      case "bias" -> new Constant(0);
      case "layer_scale" -> new Constant(1);
      default -> mamba(slot);
    };
  }

  private static Start mobileMamba(Slot slot) {
    String name = slot.name();
    return switch (leaf(slot)) {
      case "A_logs" -> new Constant(0);
      case "dt_projs_weight", "dt_projs_bias" -> new Uniform(0, 0.1);
      default -> {
        if (name.contains("base_scale")) {
          yield new Constant(1);
        } else if (name.contains("wavelet_scale")) {
          yield new Constant(0.1);
        } else if (name.startsWith("head.l.")) {
          yield leaf(slot).equals("bias") ? new Constant(0) : new Normal(0.02);
        } else {
          yield closesAMobileMambaBranch(name) ? new Constant(0) : layer(slot, 3 * 3);
        }
      }
    };
  }

  private static boolean closesAMobileMambaBranch(String name) {
    return name.matches(
        ".*(\\.dw[01]\\.m\\.bn|\\.ffn[01]\\.m\\.pw2\\.bn|\\.mixer\\.m\\.attn\\.proj\\.1\\.bn"
            + "|blocks[23]\\.[02]\\.0\\.m\\.bn|blocks[23]\\.[02]\\.1\\.m\\.pw2\\.bn)\\.weight");
  }

  private static Start efficientVim(Slot slot) {
    return switch (leaf(slot)) {
      case "alpha" -> new Constant(1e-4);
      case "A" -> new Uniform(1, 16);
      case "weights" -> new Constant(1);
      default -> {
        if (slot.name().startsWith("heads.")) {
          yield leaf(slot).equals("bias") ? new Constant(0) : new Normal(0.02);
        }
        yield slot.shape()[0] == 1 ? new Constant(isBias(slot) ? 0 : 1) : layer(slot, 0);
      }
    };
  }

  private static Start efficientVMamba(Slot slot) {
    if (!leaf(slot).equals("weight") && !isBias(slot)) {
      return mamba(slot);
    }
    boolean linear =
        slot.name()
            .matches(".*(in_proj|out_proj|global_reduce|channel_select|reduction|head)\\.\\w+");
    if (linear) {
      return isBias(slot) ? new Constant(0) : new Normal(0.02);
    }
    return layer(slot, 0);
  }

  private static boolean isBias(Slot slot) {
    return leaf(slot).equals("bias");
  }

  private static String leaf(Slot slot) {
    return slot.name().substring(slot.name().lastIndexOf('.') + 1);
  }

  private static double last(Slot slot) {
    return slot.shape()[slot.shape().length - 1];
  }
}
