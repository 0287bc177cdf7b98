package io.elapid.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;

/** Necks against those of the official code: levels, gradients, names of parameters. */
@Tag("backend")
class PyramidGoldenTest {
  static List<GoldenCase> cases() {
    return GoldenCase.of("fpn", "fpn");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("fpn")) {
      assertThat(golden.index().get("cases")).allMatch(c -> c.get("op").asText().equals("fpn"));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void levelsAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    try (GoldenModule module =
        new GoldenModule(golden, Mode.TRAIN, (scope, maps) -> build(golden, scope, maps))) {
      module.check();
    }
  }

  private static GoldenModule.Built build(GoldenCase golden, Scope scope, List<FeatureMap> maps) {
    List<FeatureMap> levels = neck(golden, scope.child("neck"), maps);
    assertThat(levels).hasSize(golden.param("num_outs").asInt());
    Map<String, SDVariable> outputs = new LinkedHashMap<>();
    List<SDVariable> losses = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      FeatureMap level = levels.get(i);
      outputs.put("out." + i, level.value());
      float[] direction = golden.input("grad_out." + i);
      SDVariable column =
          scope.graph().constant(GoldenModule.array(direction, direction.length, 1));
      SDVariable row = scope.graph().reshape(level.value(), 1, direction.length);
      losses.add(scope.graph().reshape(row.mmul(column), 1));
    }
    return new GoldenModule.Built(Sum.apply(scope.graph(), losses), outputs);
  }

  private static List<FeatureMap> neck(GoldenCase golden, Scope scope, List<FeatureMap> maps) {
    FpnSettings settings =
        new FpnSettings(
            golden.param("out_channels").asLong(),
            golden.param("start_level").asInt(0),
            golden.param("num_outs").asInt(),
            extra(golden),
            golden.param("relu_before_extra_convs").asBoolean(false)
                ? FpnSettings.Between.RELU
                : FpnSettings.Between.NOTHING);
    if (golden.param("type").asText().equals("FPN")) {
      return Fpn.apply(scope, maps, settings);
    }
    EfficientVitFpn.PreNorm preNorm =
        golden.param("pre_norm").asBoolean()
            ? EfficientVitFpn.PreNorm.LAYER_NORM
            : EfficientVitFpn.PreNorm.NONE;
    int finer = golden.param("num_extra_trans_convs").asInt();
    return EfficientVitFpn.apply(scope, maps, finer, preNorm, settings);
  }

  private static FpnSettings.Extra extra(GoldenCase golden) {
    return switch (golden.param("add_extra_convs").asText()) {
      case "on_input" -> FpnSettings.Extra.FROM_INPUT;
      case "on_output" -> FpnSettings.Extra.FROM_OUTPUT;
      default -> FpnSettings.Extra.SUBSAMPLED;
    };
  }
}
