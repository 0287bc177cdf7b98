package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.DistillationKernel;
import io.elapid.kernel.Tensor;

/** Distillation of floats, see {@code distillation.cu}. */
final class CudaDistillation implements DistillationKernel {
  private static final int LANES = 32;

  private final Device device;
  private final DistillationKernel host;

  CudaDistillation(Device device, DistillationKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(
      Tensor logits, Tensor teacher, double temperature, double weight, Tensor loss, Tensor slope) {
    if (!Frame.takes(logits)) {
      host.forward(logits, teacher, temperature, weight, loss, slope);
      return;
    }
    try (Frame frame = new Frame(device, "distillation")) {
      int samples = logits.dim(0);
      long losses = frame.scratch(samples);
      frame.launch(
          Launch.of(
              "distillation",
              "distillation_forward",
              new Shape(samples, 1, 1, LANES, 0),
              new Arguments()
                  .numbers(logits.dim(1))
                  .number((float) (1 / temperature))
                  .number((float) weight)
                  .pointers(frame.in(logits), frame.in(teacher), losses, frame.out(slope))));
      frame.sumSlices(losses, samples, 1, frame.out(loss));
      frame.finish();
    }
  }
}
