package io.elapid.engine.stock;

import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** EfficientViM's hidden states, and batched products. */
final class States {
  private States() {}

  /** {@code (x, b, dt, a)} to {@code x (softmax(dt + a) b)^T}. */
  static List<SDVariable> hiddenState(Call call) {
    int states = call.size(1, 1);
    SDVariable shifted = call.in(2).add(call.shaped(3, 1, states, 1));
    SDVariable weights = call.graph().nn().softmax(shifted, 2);
    SDVariable inputs = weights.mul(call.in(1)).permute(0, 2, 1);
    return List.of(call.in(0).mmul(inputs), weights);
  }

  /** {@code (hz, d)} to {@code h silu(z) + d h}. */
  static List<SDVariable> hiddenGate(Call call) {
    int[] half = Maps.ints(call.results().get(0));
    int[] start = new int[half.length];
    SDVariable h = call.graph().slice(call.in(0), start.clone(), half);
    start[1] = half[1];
    SDVariable z = call.graph().slice(call.in(0), start, half);
    SDVariable gated = h.mul(call.graph().nn().swish(z));
    long[] one = new long[half.length];
    Arrays.fill(one, 1);
    return Call.one(gated.add(h.mul(call.shaped(1, one))));
  }

  static List<SDVariable> product(Call call) {
    for (long argument : call.op().iArgs()) {
      if (argument != 0) {
        throw new IllegalArgumentException("a product of transposed matrices is not composed");
      }
    }
    return Call.one(call.in(0).mmul(call.in(1)));
  }
}
