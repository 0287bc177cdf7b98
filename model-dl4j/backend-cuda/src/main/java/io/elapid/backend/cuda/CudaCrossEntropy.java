package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.CrossEntropyKernel;
import io.elapid.kernel.Tensor;

/** Cross-entropy of floats, see {@code cross_entropy.cu}. */
final class CudaCrossEntropy implements CrossEntropyKernel {
  private static final String MODULE = "cross_entropy";
  private static final int LANES = 32;

  private final Device device;
  private final CrossEntropyKernel host;

  CudaCrossEntropy(Device device, CrossEntropyKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor logits, Tensor targets, Tensor loss, Tensor probabilities) {
    if (!Frame.takes(logits)) {
      host.forward(logits, targets, loss, probabilities);
      return;
    }
    try (Frame frame = new Frame(device, "softmax cross-entropy")) {
      int samples = logits.dim(0);
      long losses = frame.scratch(samples);
      frame.launch(
          Launch.of(
              MODULE,
              "cross_entropy_forward",
              new Shape(samples, 1, 1, LANES, 0),
              new Arguments()
                  .numbers(logits.dim(1))
                  .pointers(frame.in(logits), frame.in(targets), losses)
                  .pointers(frame.out(probabilities))));
      frame.sumSlices(losses, samples, 1, frame.out(loss));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dloss, Tensor targets, Tensor probabilities, Tensor dlogits) {
    if (!Frame.takes(targets)) {
      host.gradient(dloss, targets, probabilities, dlogits);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of softmax cross-entropy")) {
      frame.launch(
          Launch.of(
              MODULE,
              "cross_entropy_gradient",
              new Shape(targets.dim(0), 1, 1, LANES, 0),
              new Arguments()
                  .numbers(targets.dim(1))
                  .pointers(frame.in(dloss), frame.in(targets), frame.in(probabilities))
                  .pointers(frame.out(dlogits))));
      frame.finish();
    }
  }
}
