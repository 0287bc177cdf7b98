package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.SoftmaxMixKernel;
import io.elapid.kernel.Tensor;
import java.util.List;

/** Mixtures of heads of floats, see {@code softmax_mix.cu}. */
final class CudaSoftmaxMix implements SoftmaxMixKernel {
  private static final String MODULE = "softmax_mix";
  private static final int LANES = 32;

  private final Device device;
  private final SoftmaxMixKernel host;

  CudaSoftmaxMix(Device device, SoftmaxMixKernel host) {
    this.device = device;
    this.host = host;
  }

  /** Address of the softmax of the weights. */
  private static long probabilities(Frame frame, Tensor weights) {
    long p = frame.scratch(weights.size());
    frame.launch(
        Launch.of(
            MODULE,
            "softmax_mix_probabilities",
            new Shape(1, 1, 1, LANES, 0),
            new Arguments().numbers(weights.size()).pointers(frame.in(weights), p)));
    return p;
  }

  @Override
  public void forward(Tensor weights, List<Tensor> logits, Tensor y) {
    if (!Frame.takes(y)) {
      host.forward(weights, logits, y);
      return;
    }
    try (Frame frame = new Frame(device, "mixture of heads")) {
      long p = probabilities(frame, weights);
      long to = frame.out(y);
      for (int head = 0; head < logits.size(); head++) {
        frame.launch(
            Launch.of(
                MODULE,
                "softmax_mix_add",
                Shape.elements(y.size()),
                new Arguments()
                    .numbers(y.size(), head)
                    .pointers(p, frame.in(logits.get(head)), to)));
      }
      frame.finish();
    }
  }

  @Override
  public void gradient(
      Tensor dy, Tensor weights, List<Tensor> logits, Tensor dweights, List<Tensor> dlogits) {
    if (!Frame.takes(dy)) {
      host.gradient(dy, weights, logits, dweights, dlogits);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of mixture of heads")) {
      int heads = logits.size();
      ChannelMaps all = ChannelMaps.oneChannel(dy);
      long p = probabilities(frame, weights);
      long from = frame.in(dy);
      long q = frame.scratch(heads);
      long dots = frame.scratch(all.shares());
      for (int head = 0; head < heads; head++) {
        frame.launch(
            Launch.of(
                MODULE,
                "softmax_mix_dots",
                all.byChannel(),
                all.arguments().pointers(from, frame.in(logits.get(head)), dots)));
        frame.sumSlices(dots, all.shares(), 1, q + (long) head * Float.BYTES);
      }
      for (int head = 0; head < heads; head++) {
        frame.launch(
            Launch.of(
                MODULE,
                "softmax_mix_scale",
                Shape.elements(dy.size()),
                new Arguments()
                    .numbers(dy.size(), head)
                    .pointers(p, from, frame.out(dlogits.get(head)))));
      }
      frame.launch(
          Launch.of(
              MODULE,
              "softmax_mix_weights",
              Shape.elements(heads),
              new Arguments().numbers(heads).pointers(p, q, frame.out(dweights))));
      frame.finish();
    }
  }
}
