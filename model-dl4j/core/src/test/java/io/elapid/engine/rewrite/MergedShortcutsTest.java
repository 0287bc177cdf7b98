package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.ActivationKind;
import io.elapid.op.BatchNormInference;
import io.elapid.op.ChannelAffine;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("backend")
class MergedShortcutsTest {
  private static final int CHANNELS = 6;
  private static final Rewrites BOTH =
      Comparison.only(new FusedConvolutions(), new MergedShortcuts());

  /** The block as it is built, from a map to the outer norm. */
  private static final class Block {
    final Comparison all = new Comparison();
    final DataType type;
    final SDVariable sum;
    final SDVariable y;

    Block(DataType type, int height, int width, ActivationKind activation) {
      this.type = type;
      SDVariable x = all.input("x", type, 2, CHANNELS, 9, 7);
      SDVariable w = all.input("w", type, CHANNELS, 1, height, width);
      ConvSettings settings = new ConvSettings(1, height / 2, width / 2, CHANNELS);
      SDVariable inner =
          norm("inner", Conv2d.apply(all.graph(), x, w, settings), ActivationKind.IDENTITY);
      ChannelAffine.Terms shortcuts =
          ChannelAffine.Terms.convolution(all.input("factor", type, CHANNELS, 1, 1, 1))
              .plusInput()
              .plusBias(all.input("bias", type, CHANNELS))
              .plus(inner);
      this.sum = ChannelAffine.apply(all.graph(), x, shortcuts);
      this.y = norm("outer", sum, activation);
    }

    private SDVariable norm(String name, SDVariable x, ActivationKind activation) {
      return BatchNormInference.apply(
          all.graph(),
          x,
          all.positive(name + ".gamma", type, CHANNELS),
          all.input(name + ".beta", type, CHANNELS),
          all.input(name + ".mean", type, CHANNELS),
          all.positive(name + ".variance", type, CHANNELS),
          activation);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT,3,3,IDENTITY,1e-6",
    "FLOAT,7,1,GELU,1e-6",
    "FLOAT,1,7,IDENTITY,1e-6",
    "DOUBLE,3,3,RELU,1e-14"
  })
  void theBlockBecomesOneConvolution(
      DataType type, int height, int width, ActivationKind activation, double tolerance) {
    Block block = new Block(type, height, width, activation);
    Comparison.Run plain = block.all.run(Rewrites.none(), block.y.name());
    Comparison.Run merged = block.all.run(BOTH, block.y.name());
    assertThat(merged.kinds())
        .containsExactly(
            "elapid_norm_factors",
            "elapid_norm_factors",
            "elapid_shortcut_kernel",
            "elapid_fused_convolution");
    INDArray expected = plain.value(block.y);
    double error = expected.sub(merged.value(block.y)).amaxNumber().doubleValue();
    assertThat(error).isLessThanOrEqualTo(tolerance * expected.amaxNumber().doubleValue());
  }

  @Test
  void aSumThatSomebodyElseReadsStays() {
    Block block = new Block(DataType.FLOAT, 3, 3, ActivationKind.IDENTITY);
    Comparison.Run merged = block.all.run(BOTH, block.y.name(), block.sum.name());
    assertThat(merged.count("elapid_channel_affine")).isEqualTo(1);
    assertThat(merged.count("elapid_shortcut_kernel")).isZero();
  }
}
