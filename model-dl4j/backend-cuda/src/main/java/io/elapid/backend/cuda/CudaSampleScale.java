package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.SampleScaleKernel;
import io.elapid.kernel.Tensor;
import java.util.Optional;

/** A factor for each sample of floats, see {@code elementwise.cu}. */
final class CudaSampleScale implements SampleScaleKernel {
  private final Device device;
  private final SampleScaleKernel host;

  CudaSampleScale(Device device, SampleScaleKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor x, Tensor factors, Optional<Tensor> residual, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(x, factors, residual, y);
      return;
    }
    try (Frame frame = new Frame(device, "sample scale")) {
      frame.launch(
          Launch.of(
              "elementwise",
              "sample_scale_forward",
              Shape.elements(x.size()),
              new Arguments()
                  .numbers(x.size(), x.sizeFrom(1))
                  .pointers(frame.in(x), frame.in(factors), frame.in(residual), frame.out(y))));
      frame.finish();
    }
  }
}
