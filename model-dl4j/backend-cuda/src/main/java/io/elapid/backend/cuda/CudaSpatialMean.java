package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.Tensor;

/** Means of maps of floats, see {@code channel_scale.cu}. */
final class CudaSpatialMean implements SpatialMeanKernel {
  private static final String MODULE = "channel_scale";

  private final Device device;
  private final SpatialMeanKernel host;

  CudaSpatialMean(Device device, SpatialMeanKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(x, y);
      return;
    }
    try (Frame frame = new Frame(device, "spatial mean")) {
      ChannelMaps maps = ChannelMaps.of(x);
      frame.launch(
          Launch.of(
              MODULE,
              "spatial_mean_forward",
              maps.byMap(),
              new Arguments().numbers(maps.length()).pointers(frame.in(x), frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor dx) {
    if (!Frame.takes(dx)) {
      host.gradient(dy, dx);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of spatial mean")) {
      ChannelMaps maps = ChannelMaps.of(dx);
      frame.launch(
          Launch.of(
              MODULE,
              "spatial_mean_gradient",
              maps.byElement(),
              new Arguments()
                  .numbers(dx.size(), maps.length())
                  .pointers(frame.in(dy), frame.out(dx))));
      frame.finish();
    }
  }
}
