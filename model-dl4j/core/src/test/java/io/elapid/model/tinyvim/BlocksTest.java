package io.elapid.model.tinyvim;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.model.BlockGolden;
import io.elapid.model.BlockProgram;
import io.elapid.nn.FeatureMap;
import io.elapid.op.LaplaceMerge;
import io.elapid.op.LaplaceSplit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Single blocks, in double, against the official ones and against finite differences. */
@Tag("backend")
class BlocksTest {
  static List<BlockGolden> goldens() {
    return BlockGolden.cases("modules_tinyvim.json");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void blocksAndTheirGradientsEqualTheOfficialOnes(BlockGolden golden) {
    golden.check(BlockGolden.Layout.NCHW, block(golden));
  }

  private static BlockGolden.Block block(BlockGolden golden) {
    String id = golden.id();
    int last = id.charAt(id.length() - 1) - '0';
    return switch (id.replaceFirst("_i?\\d$", "")) {
      case "tiny_RepDW" ->
          (scope, x) -> List.of(TinyViMBlocks.depthwise(scope, golden.map(x)).value());
      case "tiny_RepInception" ->
          (scope, x) -> List.of(TinyViMBlocks.inception(scope, golden.map(x)).value());
      case "tiny_FFN" ->
          (scope, x) -> List.of(TinyViMBlocks.feedForward(scope, golden.map(x)).value());
      case "tiny_LocalBlock" ->
          (scope, x) -> List.of(TinyViMBlocks.local(scope, golden.map(x)).value());
      case "tiny_LaplaceMixer" ->
          (scope, x) -> List.of(TinyViMBlocks.mixer(scope, golden.map(x), last).value());
      case "tiny_TViMBlock" ->
          (scope, x) -> List.of(TinyViMBlocks.mixing(scope, golden.map(x), last).value());
      case "tiny_pool_up" -> (scope, x) -> poolAndEnlarge(scope.graph(), x, last);
      default -> throw new IllegalArgumentException("no block for " + golden);
    };
  }

  /** The file has the enlarged map without the residual. */
  private static List<SDVariable> poolAndEnlarge(SameDiff graph, SDVariable x, int pool) {
    LaplaceSplit.Outputs split = LaplaceSplit.apply(graph, x, pool);
    SDVariable merged = LaplaceMerge.apply(graph, split.low(), split.residual(), pool);
    return List.of(split.low(), split.residual(), graph.math().sub(merged, split.residual()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void gradientsOfATrainingBlockAreThoseOfFiniteDifferences(int stage) {
    Filler filler = new Filler(11);
    int height = stage == 1 ? 4 : 2;
    int width = 2 * height;
    int length = 2 * 8 * height * width;
    INDArray x =
        Nd4j.createFromArray(BlockGolden.widened(filler.input("x", length)))
            .reshape('c', 2, 8, height, width);
    double[] directions = BlockGolden.widened(filler.input("directions", length));
    try (BlockProgram program =
        new BlockProgram(
            "block",
            Mode.TRAIN,
            x,
            directions,
            BlockGolden.weights(filler),
            (scope, input) -> {
              FeatureMap map = new FeatureMap(input, 2, 8, height, width);
              return List.of(TinyViMBlocks.mixing(scope, map, stage).value());
            })) {
      program.assertGradientsAreThoseOfFiniteDifferences();
    }
  }

  @Test
  void theLastBlockOfAStageMixesAndTheMiddleOneOfTheThird() {
    TinyViMConfig base = TinyViMConfig.base();
    assertThat(IntStream.range(0, 4).filter(j -> base.mixes(0, j))).containsExactly(3);
    assertThat(IntStream.range(0, 10).filter(j -> base.mixes(2, j))).containsExactly(5, 9);
    assertThat(IntStream.range(0, 9).filter(j -> TinyViMConfig.small().mixes(2, j)))
        .containsExactly(4, 8);
  }
}
