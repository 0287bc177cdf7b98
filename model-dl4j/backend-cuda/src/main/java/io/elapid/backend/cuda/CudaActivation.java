package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.Tensor;

/** Activations of floats, see {@code elementwise.cu}. */
final class CudaActivation implements ActivationKernel {
  private static final String MODULE = "elementwise";

  private final Device device;
  private final ActivationKernel host;

  CudaActivation(Device device, ActivationKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(ActivationKind kind, Tensor x, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(kind, x, y);
      return;
    }
    try (Frame frame = new Frame(device, "activation")) {
      frame.launch(
          Launch.of(
              MODULE,
              "activation_forward",
              Shape.elements(x.size()),
              new Arguments().numbers(x.size(), kind.code()).pointers(frame.in(x), frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx) {
    if (!Frame.takes(dy)) {
      host.gradient(kind, dy, saved, dx);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of activation")) {
      frame.launch(
          Launch.of(
              MODULE,
              "activation_gradient",
              Shape.elements(dy.size()),
              new Arguments()
                  .numbers(dy.size(), kind.code())
                  .pointers(frame.in(dy), frame.in(saved), frame.out(dx))));
      frame.finish();
    }
  }
}
