package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.Tensor;

/** Gates of hidden states of floats, see {@code hidden_gate.cu}. */
final class CudaHiddenGate implements HiddenGateKernel {
  private static final String MODULE = "hidden_gate";

  private final Device device;
  private final HiddenGateKernel host;

  CudaHiddenGate(Device device, HiddenGateKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor hz, Tensor d, Tensor y) {
    if (!Frame.takes(y)) {
      host.forward(hz, d, y);
      return;
    }
    try (Frame frame = new Frame(device, "hidden gate")) {
      frame.launch(
          Launch.of(
              MODULE,
              "hidden_gate_forward",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size(), y.sizeFrom(1))
                  .pointers(frame.in(hz), frame.in(d), frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor hz, Tensor d, Tensor dhz, Tensor dd) {
    if (!Frame.takes(dy)) {
      host.gradient(dy, hz, d, dhz, dd);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of hidden gate")) {
      ChannelMaps all = ChannelMaps.oneChannel(dy);
      int half = dy.sizeFrom(1);
      long gradient = frame.in(dy);
      long from = frame.in(hz);
      long sums = frame.scratch(all.shares());
      frame.launch(
          Launch.of(
              MODULE,
              "hidden_gate_sums",
              all.byChannel(),
              all.arguments().numbers(half).pointers(gradient, from, sums)));
      frame.launch(
          Launch.of(
              MODULE,
              "hidden_gate_gradient",
              Shape.elements(dy.size()),
              new Arguments()
                  .numbers(dy.size(), half)
                  .pointers(gradient, from, frame.in(d), frame.out(dhz))));
      frame.sumSlices(sums, all.shares(), 1, frame.out(dd));
      frame.finish();
    }
  }
}
