package io.elapid.backend.cuda;

import io.elapid.kernel.ChannelAffineKernel;

/** Factors and shifts of channels of floats, see {@code channel_affine.cu}. */
final class CudaChannelAffine implements ChannelAffineKernel {
  private static final String MODULE = "channel_affine";

  private final Device device;
  private final ChannelAffineKernel host;

  CudaChannelAffine(Device device, ChannelAffineKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Forward a) {
    if (!Frame.takes(a.x())) {
      host.forward(a);
      return;
    }
    try (Frame frame = new Frame(device, "channel affine")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      frame.launch(
          Launch.of(
              MODULE,
              "channel_affine_forward",
              maps.byElement(),
              maps.arguments()
                  .number((float) a.offset())
                  .pointers(frame.in(a.x()), frame.in(a.scale()), frame.in(a.bias()))
                  .pointers(frame.in(a.residual()), frame.out(a.y()))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Frame.takes(a.x())) {
      host.gradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of channel affine")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      long dy = frame.in(a.dy());
      long dscales = frame.scratch((long) maps.shares() * maps.channels());
      long dbiases = frame.scratch((long) maps.shares() * maps.channels());
      // dx may lie where dy or x does: these are summed before
      frame.launch(
          Launch.of(
              MODULE,
              "channel_affine_sums",
              maps.byChannel(),
              maps.arguments().pointers(dy, frame.in(a.x()), dscales, dbiases)));
      frame.launch(
          Launch.of(
              MODULE,
              "channel_affine_gradient",
              maps.byElement(),
              maps.arguments()
                  .number((float) a.offset())
                  .pointers(dy, frame.in(a.scale()), frame.out(a.dx()))));
      frame.sumSlices(dscales, maps.shares(), maps.channels(), frame.out(a.dscale()));
      a.dbias()
          .ifPresent(
              dbias -> frame.sumSlices(dbiases, maps.shares(), maps.channels(), frame.out(dbias)));
      frame.finish();
    }
  }
}
