package io.elapid.model.efficientvim;

import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.model.BlockGolden;
import io.elapid.model.BlockProgram;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Single blocks, in double, against the official ones and against finite differences. */
@Tag("backend")
class BlocksTest {
  static List<BlockGolden> goldens() {
    return BlockGolden.cases("modules_efficientvim.json");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void blocksAndTheirGradientsEqualTheOfficialOnes(BlockGolden golden) {
    golden.check(BlockGolden.Layout.NCHW, block(golden));
  }

  private static BlockGolden.Block block(BlockGolden golden) {
    long[] shape = golden.shape();
    long[] output = golden.outputShape(0);
    return switch (golden.id()) {
      case "evim_HSMSSD" ->
          (scope, x) -> {
            FeatureMap flat = new FeatureMap(x, shape[0], shape[1], output[2], output[3]);
            return both(EfficientViMBlocks.mixer(scope, flat, states(golden)));
          };
      case "evim_Block" ->
          (scope, x) -> both(EfficientViMBlocks.block(scope, golden.map(x), states(golden)));
      case "evim_LN1D" -> (scope, x) -> List.of(LayerNorm.ofSequence(scope, x, shape[1]));
      case "evim_LN2D" -> (scope, x) -> List.of(LayerNorm.ofMap(scope, x, shape[1]));
      case "evim_PatchMerging" ->
          (scope, x) ->
              List.of(EfficientViMBlocks.downsample(scope, golden.map(x), (int) output[1]).value());
      case "evim_Stem" ->
          (scope, x) ->
              List.of(EfficientViMBlocks.stem(scope, golden.map(x), (int) output[1]).value());
      default -> throw new IllegalArgumentException("no block for " + golden);
    };
  }

  private static int states(BlockGolden golden) {
    return Math.toIntExact(golden.outputShape(1)[2]);
  }

  private static List<SDVariable> both(EfficientViMBlocks.Mixed mixed) {
    return List.of(mixed.map().value(), mixed.hidden());
  }

  @Test
  void gradientsOfATrainingBlockAreThoseOfFiniteDifferences() {
    Filler filler = new Filler(11);
    long[] shape = {2, 8, 3, 5};
    int outputs = 2 * 8 * 15 + 2 * 8 * 4;
    INDArray x =
        Nd4j.createFromArray(BlockGolden.widened(filler.input("x", 240))).reshape('c', shape);
    double[] directions = BlockGolden.widened(filler.input("directions", outputs));
    try (BlockProgram program =
        new BlockProgram(
            "block",
            Mode.TRAIN,
            x,
            directions,
            BlockGolden.weights(filler),
            (scope, input) ->
                both(EfficientViMBlocks.block(scope, new FeatureMap(input, 2, 8, 3, 5), 4)))) {
      program.assertGradientsAreThoseOfFiniteDifferences();
    }
  }
}
