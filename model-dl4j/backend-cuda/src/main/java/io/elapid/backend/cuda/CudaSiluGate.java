package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.SiluGateKernel;
import io.elapid.kernel.Tensor;

/** SiLU gates of floats, see {@code elementwise.cu}. */
final class CudaSiluGate implements SiluGateKernel {
  private static final String MODULE = "elementwise";

  private final Device device;
  private final SiluGateKernel host;

  CudaSiluGate(Device device, SiluGateKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor y, Tensor z, Tensor out) {
    if (!Frame.takes(y)) {
      host.forward(y, z, out);
      return;
    }
    try (Frame frame = new Frame(device, "SiLU gate")) {
      frame.launch(
          Launch.of(
              MODULE,
              "silu_gate_forward",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size())
                  .pointers(frame.in(y), frame.in(z), frame.out(out))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dout, Tensor y, Tensor z, Tensor dy, Tensor dz) {
    if (!Frame.takes(y)) {
      host.gradient(dout, y, z, dy, dz);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of SiLU gate")) {
      frame.launch(
          Launch.of(
              MODULE,
              "silu_gate_gradient",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size())
                  .pointers(frame.in(dout), frame.in(y), frame.in(z))
                  .pointers(frame.out(dy), frame.out(dz))));
      frame.finish();
    }
  }
}
