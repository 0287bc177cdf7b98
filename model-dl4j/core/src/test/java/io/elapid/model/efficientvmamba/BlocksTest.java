package io.elapid.model.efficientvmamba;

import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.model.BlockGolden;
import io.elapid.model.BlockGolden.Layout;
import io.elapid.model.BlockProgram;
import io.elapid.nn.FeatureMap;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Single blocks, in double, against the official ones and against finite differences. */
@Tag("backend")
class BlocksTest {
  static List<BlockGolden> goldens() {
    return BlockGolden.cases("modules_efficientvmamba.json");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void blocksAndTheirGradientsEqualTheOfficialOnes(BlockGolden golden) {
    Layout layout = golden.id().equals("evm_InRes") ? Layout.NCHW : Layout.NHWC;
    long[] s = golden.shape();
    BiFunction<Scope, FeatureMap, FeatureMap> block = block(golden.id());
    golden.check(
        layout,
        (scope, x) -> {
          FeatureMap map =
              layout == Layout.NCHW
                  ? new FeatureMap(x, s[0], s[1], s[2], s[3])
                  : new FeatureMap(x, s[0], s[3], s[1], s[2]);
          return List.of(block.apply(scope, map).value());
        });
  }

  private static BiFunction<Scope, FeatureMap, FeatureMap> block(String id) {
    return switch (id) {
      case "evm_ES2D_even", "evm_ES2D_odd" -> EfficientVMambaBlocks::atrousScan;
      case "evm_BiAttn" ->
          (scope, x) -> EfficientVMambaBlocks.SharedGate.declare(scope, x.channels()).apply(x, "");
      case "evm_EVSS" -> (scope, x) -> EfficientVMambaBlocks.scanningBlock(scope, x, 0);
      case "evm_InRes" -> (scope, x) -> EfficientVMambaBlocks.invertedResidual(scope, x, 0);
      case "evm_PatchMerging" -> EfficientVMambaBlocks::downsample;
      default -> throw new IllegalArgumentException("no block for " + id);
    };
  }

  /** The blocks of the two kinds of stage. */
  private enum Kind {
    SCANNING,
    INVERTED;

    FeatureMap apply(Scope scope, FeatureMap x) {
      return this == SCANNING
          ? EfficientVMambaBlocks.scanningBlock(scope, x, 0)
          : EfficientVMambaBlocks.invertedResidual(scope, x, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void gradientsOfATrainingBlockAreThoseOfFiniteDifferences(Kind kind) {
    Filler filler = new Filler(11);
    long[] shape = {2, 8, 3, 5};
    INDArray x =
        Nd4j.createFromArray(BlockGolden.widened(filler.input("x", 240))).reshape('c', shape);
    double[] directions = BlockGolden.widened(filler.input("directions", 240));
    try (BlockProgram program =
        new BlockProgram(
            "block",
            Mode.TRAIN,
            x,
            directions,
            BlockGolden.weights(filler),
            (scope, input) ->
                List.of(kind.apply(scope, new FeatureMap(input, 2, 8, 3, 5)).value()))) {
      program.assertGradientsAreThoseOfFiniteDifferences();
    }
  }
}
