package io.elapid.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.model.BlockGolden;
import io.elapid.model.BlockProgram;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights of deploy forms, their names, and what they compute, against the official ones. */
@Tag("backend")
class FuseGoldenTest {
  static List<BlockGolden> goldens() {
    return BlockGolden.cases("fuse.json");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void foldedWeightsAndOutputsEqualTheOfficialOnes(BlockGolden golden) {
    String prefix = golden.json().path("param_prefix").asText();
    JsonNode fused = golden.json().path("fused");
    try (BlockProgram program = program(golden, prefix)) {
      program.run();
      assertThat(program.parameters())
          .containsExactlyInAnyOrderElementsOf(
              fused.properties().stream().map(entry -> prefix + entry.getKey()).toList());
      for (Map.Entry<String, JsonNode> entry : fused.properties()) {
        INDArray weight = program.input(prefix + entry.getKey());
        BlockGolden.assertClose(entry.getKey(), weight, entry.getValue());
      }
      BlockGolden.assertClose("y", program.output(0), golden.json().path("y"));
    }
  }

  private static BlockProgram program(BlockGolden golden, String prefix) {
    JsonNode y = golden.json().path("y").path("data");
    return new BlockProgram(
        prefix.substring(0, prefix.length() - 1),
        Mode.DEPLOY,
        golden.input(BlockGolden.Layout.NCHW),
        new double[y.size()],
        BlockGolden.weights(golden.filler()),
        (scope, x) -> List.of(block(golden, scope, x)));
  }

  private static SDVariable block(BlockGolden golden, Scope scope, SDVariable x) {
    return switch (golden.id()) {
      case "fuse_ConvBN" -> convBn(golden, scope, x);
      case "fuse_RepDW" -> repDw(scope, golden.map(x), 3, 3);
      case "fuse_RepDW_1x7" -> repDw(scope, golden.map(x), 1, 7);
      case "fuse_RepDW_7x1" -> repDw(scope, golden.map(x), 7, 1);
      case "fuse_MKDW" -> MultiKernelDw.apply(scope, golden.map(x), 5).value();
      case "fuse_BN_Linear" -> NormedHead.apply(scope, x, golden.shape()[1], 5);
      default -> throw new IllegalArgumentException("no block for " + golden);
    };
  }

  private static SDVariable convBn(BlockGolden golden, Scope scope, SDVariable x) {
    long outputs = golden.json().path("y").path("shape").get(1).asLong();
    Convolution convolution = Convolution.dense3x3(golden.shape()[1], outputs, 2);
    return ConvBn.apply(scope, golden.map(x), convolution, ConvStyle.C_BN, ActivationKind.IDENTITY)
        .value();
  }

  private static SDVariable repDw(Scope scope, FeatureMap x, int height, int width) {
    Convolution convolution = Convolution.depthwise(x.channels(), height, width);
    return RepDw.apply(scope, x, convolution, Initializer.one()).value();
  }
}
