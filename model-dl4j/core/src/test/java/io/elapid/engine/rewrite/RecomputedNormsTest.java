package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.Gradients;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.BatchNorm;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("backend")
class RecomputedNormsTest {
  private static final int CHANNELS = 20;

  @ParameterizedTest
  @CsvSource({
    "FLOAT,RELU,14",
    "FLOAT,GELU,7",
    "FLOAT,SILU,3",
    "FLOAT,IDENTITY,57",
    "FLOAT,SIGMOID,1",
    "DOUBLE,GELU,7"
  })
  void gradientsKeepTheirBitsWhenTheNormIsComputedAgain(
      DataType type, ActivationKind activation, int side) {
    Comparison all = new Comparison();
    SDVariable x = all.input("x", type, 3, CHANNELS, side, side);
    SDVariable w = all.input("w", type, CHANNELS, CHANNELS, 1, 1);
    SDVariable v = all.input("v", type, CHANNELS, CHANNELS, 1, 1);
    SDVariable convolved = Conv2d.apply(all.graph(), x, w, ConvSettings.of(1, 0));
    SDVariable y =
        BatchNorm.apply(
                all.graph(),
                convolved,
                all.positive("gamma", type, CHANNELS),
                all.input("beta", type, CHANNELS),
                activation)
            .y();
    SDVariable z = Conv2d.apply(all.graph(), y, v, ConvSettings.of(1, 0));
    SDVariable target = all.input("t", type, 3, CHANNELS, side, side);
    SDVariable loss = all.graph().loss().meanSquaredError("loss", target, z, null);
    Gradients gradients = Gradients.of(all.graph(), loss, List.of("w", "v", "gamma", "beta"));
    all.graph(gradients.graph());
    String[] wanted = gradients.names().values().toArray(String[]::new);
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new RecomputedNorms()), wanted);
    assertThat(rewritten.count("elapid_batch_norm_repeat")).isEqualTo(1);
    for (Map.Entry<String, INDArray> value : rewritten.values().entrySet()) {
      assertThat(value.getValue()).isEqualTo(plain.values().get(value.getKey()));
    }
    String[] withOutput = {wanted[0], y.name()};
    Comparison.Run kept = all.run(Comparison.only(new RecomputedNorms()), withOutput);
    assertThat(kept.count("elapid_batch_norm_repeat")).as("a result is there anyway").isZero();
  }
}
