package io.elapid.engine.stock;

import io.elapid.kernel.ActivationKind;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Activations, gates, scales and sums. */
final class Elementwise {
  private Elementwise() {}

  static List<SDVariable> activation(Call call) {
    return Call.one(activated(call, call.in(0), call.attribute(0)));
  }

  /** The activation with that code. */
  static SDVariable activated(Call call, SDVariable x, int code) {
    return switch (ActivationKind.ofCode(code)) {
      case IDENTITY -> x;
      case RELU -> call.graph().nn().relu(x, 0);
      case SIGMOID -> call.sigmoid(x);
      case SILU -> call.graph().nn().swish(x);
      // SameDiff's gelu is an approximation
      case GELU -> x.mul(call.graph().math().erf(x.mul(Math.sqrt(0.5))).add(1)).mul(0.5);
    };
  }

  /** {@code (x, scale, [bias], [residual])}. */
  static List<SDVariable> channelAffine(Call call) {
    SDVariable factors = call.perChannel(call.in(1));
    boolean plusInput = call.attribute(0) == 1;
    SDVariable y = call.in(0).mul(plusInput ? factors.add(1) : factors);
    if (call.attribute(1) == 1) {
      y = y.add(call.perChannel(call.in(2)));
    }
    return Call.one(call.attribute(2) == 1 ? y.add(call.last()) : y);
  }

  static List<SDVariable> channelScale(Call call) {
    return Call.one(call.in(0).mul(call.perMap(call.in(1))));
  }

  /** {@code (x, [residual], factors)}. */
  static List<SDVariable> sampleScale(Call call) {
    SDVariable scaled = call.in(0).mul(call.perSample(call.last()));
    return Call.one(call.inputs().size() == 3 ? scaled.add(call.in(1)) : scaled);
  }

  /** {@code (x, f, alpha)}: {@code (1 - s) x + s f} with the sigmoid of a row of alpha. */
  static List<SDVariable> gatedResidual(Call call) {
    int rows = call.size(2, 0);
    SDVariable row = call.graph().unstack(call.in(2), 0, rows)[call.attribute(0)];
    SDVariable gate = call.perChannel(call.sigmoid(row));
    return Call.one(call.in(0).mul(gate.rsub(1)).add(call.in(1).mul(gate)));
  }

  static List<SDVariable> siluGate(Call call) {
    return Call.one(call.in(0).mul(call.graph().nn().swish(call.in(1))));
  }

  static List<SDVariable> sum(Call call) {
    return Call.one(call.inputs().stream().reduce(SDVariable::add).orElseThrow());
  }
}
