package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.Tensor;

/** Gated residuals of floats, see {@code gated_residual.cu}. */
final class CudaGatedResidual implements GatedResidualKernel {
  private static final String MODULE = "gated_residual";

  private final Device device;
  private final GatedResidualKernel host;

  CudaGatedResidual(Device device, GatedResidualKernel host) {
    this.device = device;
    this.host = host;
  }

  private static long row(long alpha, int row, ChannelMaps maps) {
    return alpha + (long) row * maps.channels() * Float.BYTES;
  }

  @Override
  public void forward(Tensor x, Tensor f, Tensor alpha, int row, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(x, f, alpha, row, y);
      return;
    }
    try (Frame frame = new Frame(device, "gated residual")) {
      ChannelMaps maps = ChannelMaps.of(x);
      frame.launch(
          Launch.of(
              MODULE,
              "gated_residual_forward",
              maps.byElement(),
              maps.arguments()
                  .pointers(frame.in(x), frame.in(f), row(frame.in(alpha), row, maps))
                  .pointers(frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Frame.takes(a.x())) {
      host.gradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of gated residual")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      long dy = frame.in(a.dy());
      long alpha = frame.in(a.alpha());
      long sums = frame.scratch((long) maps.shares() * maps.channels());
      // dx or df may lie where dy does: that is summed before
      frame.launch(
          Launch.of(
              MODULE,
              "gated_residual_sums",
              maps.byChannel(),
              maps.arguments().pointers(dy, frame.in(a.x()), frame.in(a.f()), sums)));
      frame.launch(
          Launch.of(
              MODULE,
              "gated_residual_gradient",
              maps.byElement(),
              maps.arguments()
                  .pointers(dy, row(alpha, a.row(), maps), frame.out(a.dx()), frame.out(a.df()))));
      frame.launch(
          Launch.of(
              MODULE,
              "gated_residual_finish",
              Shape.elements(a.alpha().size()),
              new Arguments()
                  .numbers(a.alpha().dim(0), maps.channels(), a.row(), maps.shares())
                  .pointers(alpha, sums, frame.out(a.dalpha()))));
      frame.finish();
    }
  }
}
