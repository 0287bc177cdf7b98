package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.LayerNormKernel;

/** Layer norms of floats, see {@code layer_norm.cu}. */
final class CudaLayerNorm implements LayerNormKernel {
  private static final String MODULE = "layer_norm";
  private static final int LANES = 32;
  private static final int THREADS = 256;

  private final Device device;
  private final LayerNormKernel host;

  CudaLayerNorm(Device device, LayerNormKernel host) {
    this.device = device;
    this.host = host;
  }

  private static Shape byPosition(ChannelMaps maps) {
    return new Shape((maps.values() + LANES - 1) / LANES, 1, 1, THREADS, 0);
  }

  @Override
  public void forward(Forward a) {
    if (!Frame.takes(a.x())) {
      host.forward(a);
      return;
    }
    try (Frame frame = new Frame(device, "layer norm")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      frame.launch(
          Launch.of(
              MODULE,
              "layer_norm_forward",
              byPosition(maps),
              maps.arguments()
                  .number((float) a.eps())
                  .pointers(frame.in(a.x()), frame.in(a.weight()), frame.in(a.bias()))
                  .pointers(frame.out(a.y()), frame.out(a.mean()), frame.out(a.invStd()))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Frame.takes(a.x())) {
      host.gradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of layer norm")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      long dy = frame.in(a.dy());
      long x = frame.in(a.x());
      long mean = frame.in(a.mean());
      long invStd = frame.in(a.invStd());
      frame.launch(
          Launch.of(
              MODULE,
              "layer_norm_gradient",
              byPosition(maps),
              maps.arguments()
                  .pointers(dy, x, frame.in(a.weight()), mean, invStd, frame.out(a.dx()))));
      long dweights = frame.scratch((long) maps.shares() * maps.channels());
      long dbiases = frame.scratch((long) maps.shares() * maps.channels());
      frame.launch(
          Launch.of(
              MODULE,
              "layer_norm_sums",
              maps.byChannel(),
              maps.arguments().pointers(dy, x, mean, invStd, dweights, dbiases)));
      frame.sumSlices(dweights, maps.shares(), maps.channels(), frame.out(a.dweight()));
      frame.sumSlices(dbiases, maps.shares(), maps.channels(), frame.out(a.dbias()));
      frame.finish();
    }
  }
}
