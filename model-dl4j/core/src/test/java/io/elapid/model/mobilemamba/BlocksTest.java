package io.elapid.model.mobilemamba;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.HaarKernel;
import io.elapid.model.BlockGolden;
import io.elapid.model.BlockProgram;
import io.elapid.model.mobilemamba.MobileMambaConfig.Mixer;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.MultiKernelDw;
import io.elapid.nn.NormedHead;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Single blocks, in double, against the official ones and against finite differences. */
@Tag("backend")
class BlocksTest {
  /**
   * The file's wavelet filters are of 1/2, not of the float below it as in the published networks:
   * what passes both transforms differs by the square.
   */
  private static final BlockGolden.Rescaled HALF_FILTERS =
      new BlockGolden.Rescaled(
          "wavelet_scale.0.weight", 0.25 / ((double) HaarKernel.SCALE * HaarKernel.SCALE));

  static List<BlockGolden> goldens() {
    return BlockGolden.cases("modules_mobilemamba.json");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void blocksAndTheirGradientsEqualTheOfficialOnes(BlockGolden golden) {
    golden.check(
        BlockGolden.Layout.NCHW,
        HALF_FILTERS,
        golden.shape().length == 2
            ? (scope, x) ->
                List.of(NormedHead.apply(scope, x, golden.shape()[1], golden.outputShape(0)[1]))
            : (scope, x) -> List.of(map(golden, scope, golden.map(x)).value()));
  }

  private static FeatureMap map(BlockGolden golden, Scope scope, FeatureMap x) {
    return switch (golden.id()) {
      case "mm_SS2D_k2" -> MobileMambaMixer.gatedStateSpace(scope, x);
      case "mm_WTE_even", "mm_WTE_odd" -> MobileMambaMixer.waveletMamba(scope, x, kernel(golden));
      case "mm_MKDW" -> MultiKernelDw.apply(scope, x, kernel(golden));
      case "mm_MRFFI_48" -> MobileMambaMixer.attention(scope, x, mixer(golden, 32, 14, 2));
      case "mm_Block_40" -> MobileMambaBlocks.block(scope, x, mixer(golden, 32, 8, 0), 0);
      case "mm_FFN" -> MobileMambaBlocks.FEED_FORWARD.apply(scope, x);
      case "mm_PatchMerging" -> MobileMambaBlocks.narrow(scope, x, (int) golden.outputShape(0)[1]);
      default -> throw new IllegalArgumentException("no block for " + golden);
    };
  }

  private static Mixer mixer(BlockGolden golden, long global, long local, long passed) {
    return new Mixer(global, local, passed, kernel(golden));
  }

  /** The files do not name it, but the shape of a weight does. */
  private static int kernel(BlockGolden golden) {
    for (var parameter : golden.json().path("params")) {
      if (parameter.get(0).asText().matches("(.*\\.)?(wavelet_convs\\.0|dwconv3x3)\\.weight")) {
        return parameter.get(1).get(3).asInt();
      }
    }
    throw new IllegalArgumentException("no convolution in " + golden);
  }

  @Test
  void gradientsOfATrainingBlockAreThoseOfFiniteDifferences() {
    Filler filler = new Filler(11);
    int length = 2 * 24 * 3 * 5;
    INDArray x =
        Nd4j.createFromArray(BlockGolden.widened(filler.input("x", length)))
            .reshape('c', 2, 24, 3, 5);
    double[] directions = BlockGolden.widened(filler.input("directions", length));
    try (BlockProgram program =
        new BlockProgram(
            "block",
            Mode.TRAIN,
            x,
            directions,
            BlockGolden.weights(filler),
            (scope, input) -> {
              FeatureMap map = new FeatureMap(input, 2, 24, 3, 5);
              return List.of(
                  MobileMambaBlocks.block(scope, map, new Mixer(16, 5, 3, 5), 0).value());
            })) {
      program.assertGradientsAreThoseOfFiniteDifferences();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "144, 0, 112, 28, 4, 7",
    "272, 1, 192, 54, 26, 5",
    "368, 2, 224, 110, 34, 3",
    "176, 0, 144, 32, 0, 7",
    "368, 1, 256, 73, 39, 5",
    "448, 2, 272, 134, 42, 3",
    "192, 0, 160, 32, 0, 7",
    "384, 1, 272, 76, 36, 5",
    "200, 0, 160, 40, 0, 7",
    "376, 1, 256, 75, 45, 5"
  })
  void channelsAreDividedAsPublished(
      long width, int stage, long global, long local, long passed, int kernel) {
    assertThat(Mixer.of(width, stage)).isEqualTo(new Mixer(global, local, passed, kernel));
  }

  @Test
  void dropRatesRiseEvenlyFromNoneToTheLargest() {
    MobileMambaConfig base = MobileMambaConfig.b1();
    assertThat(base.dropPath(0)).isZero();
    assertThat(base.dropPath(4)).isEqualTo(0.02);
    assertThat(base.dropPath(6)).isEqualTo(0.03);
    assertThat(MobileMambaConfig.t2().dropPath(4)).isZero();
  }
}
