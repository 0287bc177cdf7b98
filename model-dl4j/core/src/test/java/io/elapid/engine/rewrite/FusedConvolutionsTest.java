package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.BatchNormInference;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Plain and depthwise convolutions, kernels of the backend and (in double) native ones. */
@Tag("backend")
class FusedConvolutionsTest {
  private static final int CHANNELS = 6;

  @ParameterizedTest
  @CsvSource({"FLOAT,1,1e-6", "FLOAT,6,1e-6", "DOUBLE,1,1e-14", "DOUBLE,6,1e-14"})
  void convolutionNormAndActivationBecomeOneOperation(DataType type, int groups, double tolerance) {
    Comparison all = new Comparison();
    SDVariable normed = norm(all, convolution(all, type, groups), type, ActivationKind.IDENTITY);
    SDVariable y = Activation.apply(all.graph(), normed, ActivationKind.GELU);
    Comparison.Run rewritten = check(all, tolerance, y);
    assertThat(rewritten.kinds())
        .containsExactly("elapid_norm_factors", "elapid_fused_convolution");
  }

  @ParameterizedTest
  @CsvSource({"FLOAT,1,1e-6", "FLOAT,6,1e-6", "DOUBLE,1,1e-14", "DOUBLE,6,1e-14"})
  void theActivationInsideTheNormComesAlongAndABiasMovesIntoTheShift(
      DataType type, int groups, double tolerance) {
    Comparison all = new Comparison();
    SDVariable normed = norm(all, biased(all, type, groups), type, ActivationKind.RELU);
    Comparison.Run rewritten = check(all, tolerance, normed);
    assertThat(rewritten.kinds())
        .containsExactly("elapid_norm_factors", "elapid_fused_convolution");
  }

  @ParameterizedTest
  @CsvSource({"FLOAT,1,1e-6", "FLOAT,6,1e-6", "DOUBLE,1,1e-14", "DOUBLE,6,1e-14"})
  void biasAndActivationAloneAreFusedToo(DataType type, int groups, double tolerance) {
    Comparison all = new Comparison();
    SDVariable y = Activation.apply(all.graph(), biased(all, type, groups), ActivationKind.SILU);
    Comparison.Run rewritten = check(all, tolerance, y);
    assertThat(rewritten.kinds()).containsExactly("elapid_fused_convolution");
  }

  @ParameterizedTest
  @CsvSource({"FLOAT,1,0", "DOUBLE,6,0"})
  void whatSomebodyElseReadsIsNotTakenAway(DataType type, int groups, double tolerance) {
    Comparison all = new Comparison();
    SDVariable convolved = biased(all, type, groups);
    SDVariable y = Activation.apply(all.graph(), convolved, ActivationKind.SILU);
    SDVariable z = Activation.apply(all.graph(), convolved, ActivationKind.RELU);
    Comparison.Run rewritten = check(all, tolerance, y, z);
    assertThat(rewritten.count("elapid_conv2d")).isEqualTo(1);
    assertThat(check(all, tolerance, y, convolved).count("elapid_conv2d")).isEqualTo(1);
  }

  private static SDVariable convolution(Comparison all, DataType type, int groups) {
    SDVariable x = all.input("x", type, 2, CHANNELS, 9, 7);
    SDVariable w = all.input("w", type, CHANNELS, CHANNELS / groups, 3, 3);
    return Conv2d.apply(all.graph(), x, w, new ConvSettings(2, 1, groups));
  }

  private static SDVariable biased(Comparison all, DataType type, int groups) {
    SDVariable x = all.input("x", type, 2, CHANNELS, 9, 7);
    SDVariable w = all.input("w", type, CHANNELS, CHANNELS / groups, 3, 3);
    SDVariable bias = all.input("bias", type, CHANNELS);
    return Conv2d.apply(all.graph(), x, w, bias, new ConvSettings(2, 1, groups));
  }

  private static SDVariable norm(
      Comparison all, SDVariable x, DataType type, ActivationKind activation) {
    return BatchNormInference.apply(
        all.graph(),
        x,
        all.positive("gamma", type, CHANNELS),
        all.input("beta", type, CHANNELS),
        all.input("mean", type, CHANNELS),
        all.positive("variance", type, CHANNELS),
        activation);
  }

  private static Comparison.Run check(Comparison all, double tolerance, SDVariable... results) {
    String[] wanted = new String[results.length];
    for (int i = 0; i < results.length; i++) {
      wanted[i] = results[i].name();
    }
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new FusedConvolutions()), wanted);
    for (SDVariable result : results) {
      INDArray expected = plain.value(result);
      double largest = expected.amaxNumber().doubleValue();
      double error = expected.sub(rewritten.value(result)).amaxNumber().doubleValue();
      assertThat(error).isLessThanOrEqualTo(tolerance * largest);
    }
    return rewritten;
  }
}
