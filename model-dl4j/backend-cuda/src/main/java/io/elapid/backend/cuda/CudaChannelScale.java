package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.Tensor;

/** A factor for each map of floats, see {@code channel_scale.cu}. */
final class CudaChannelScale implements ChannelScaleKernel {
  private static final String MODULE = "channel_scale";

  private final Device device;
  private final ChannelScaleKernel host;

  CudaChannelScale(Device device, ChannelScaleKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor x, Tensor s, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(x, s, y);
      return;
    }
    try (Frame frame = new Frame(device, "channel scale")) {
      ChannelMaps maps = ChannelMaps.of(x);
      frame.launch(
          Launch.of(
              MODULE,
              "channel_scale_forward",
              maps.byElement(),
              new Arguments()
                  .numbers(x.size(), maps.length())
                  .pointers(frame.in(x), frame.in(s), frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor x, Tensor s, Tensor dx, Tensor ds) {
    if (!Frame.takes(x)) {
      host.gradient(dy, x, s, dx, ds);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of channel scale")) {
      ChannelMaps maps = ChannelMaps.of(x);
      frame.launch(
          Launch.of(
              MODULE,
              "channel_scale_gradient",
              maps.byMap(),
              new Arguments()
                  .numbers(maps.length())
                  .pointers(frame.in(dy), frame.in(x), frame.in(s))
                  .pointers(frame.out(dx), frame.out(ds))));
      frame.finish();
    }
  }
}
