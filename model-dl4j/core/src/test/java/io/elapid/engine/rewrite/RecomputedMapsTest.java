package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.Gradients;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.ChannelAffine;
import io.elapid.op.ChannelScale;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import io.elapid.op.LayerNorm2d;
import io.elapid.op.SiluGate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class RecomputedMapsTest {
  private static final int CHANNELS = 12;
  private static final DataType TYPE = DataType.FLOAT;

  private final Comparison all = new Comparison();
  private final List<String> trained = new ArrayList<>();

  @Test
  void activationsWhoseInputIsKeptRunAgain() {
    check(x -> Activation.apply(all.graph(), x, ActivationKind.SILU), "elapid_activation");
  }

  @Test
  void layerNormsRunAgain() {
    check(this::norm, "elapid_layer_norm_2d");
  }

  @Test
  void gatesRunAgainAndSoDoesTheNormThatTheyRead() {
    Comparison.Run rewritten =
        check(
            (x, data) -> SiluGate.apply(all.graph(), norm(x), convolution(data)),
            "elapid_silu_gate");
    assertThat(rewritten.count("elapid_layer_norm_2d")).isEqualTo(2);
  }

  @Test
  void scalesRunAgain() {
    SDVariable factors = parameter("factors", 2, CHANNELS);
    check(x -> ChannelScale.apply(all.graph(), x, factors), "elapid_channel_scale");
  }

  @Test
  void aResidualRunsOnce() {
    ChannelAffine.Terms scale = ChannelAffine.Terms.scale(parameter("scale", CHANNELS));
    Comparison.Run rewritten =
        run((x, data) -> ChannelAffine.apply(all.graph(), x, scale.plus(convolution(data))));
    assertThat(rewritten.count("elapid_channel_affine")).isEqualTo(1);
  }

  @Test
  void whatIsDifferentiatedFromItsOutputRunsOnce() {
    Comparison.Run rewritten =
        run((x, data) -> Activation.apply(all.graph(), x, ActivationKind.RELU));
    assertThat(rewritten.count("elapid_activation")).isEqualTo(1);
  }

  private SDVariable norm(SDVariable x) {
    return LayerNorm2d.apply(
        all.graph(), x, parameter("weight", CHANNELS), parameter("bias", CHANNELS));
  }

  private void check(UnaryOperator<SDVariable> op, String kind) {
    check((x, data) -> op.apply(x), kind);
  }

  /**
   * Behind one convolution and before another, the op runs twice, and every gradient keeps its
   * bits.
   */
  private Comparison.Run check(BinaryOperator<SDVariable> op, String kind) {
    Comparison.Run rewritten = run(op);
    assertThat(rewritten.count(kind)).isEqualTo(2);
    return rewritten;
  }

  private Comparison.Run run(BinaryOperator<SDVariable> op) {
    SDVariable data = all.input("data", TYPE, 2, CHANNELS, 9, 7);
    SDVariable y = convolution(op.apply(convolution(data), data));
    SDVariable target = all.input("target", TYPE, 2, CHANNELS, 9, 7);
    SDVariable loss = all.graph().loss().meanSquaredError("loss", target, y, null);
    Gradients gradients = Gradients.of(all.graph(), loss, trained);
    all.graph(gradients.graph());
    String[] wanted = gradients.names().values().toArray(String[]::new);
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new RecomputedMaps()), wanted);
    assertThat(rewritten.values()).isEqualTo(plain.values());
    return rewritten;
  }

  private SDVariable convolution(SDVariable x) {
    SDVariable w = parameter("w" + trained.size(), CHANNELS, CHANNELS, 1, 1);
    return Conv2d.apply(all.graph(), x, w, ConvSettings.of(1, 0));
  }

  private SDVariable parameter(String name, long... shape) {
    trained.add(name);
    return all.input(name, TYPE, shape);
  }
}
