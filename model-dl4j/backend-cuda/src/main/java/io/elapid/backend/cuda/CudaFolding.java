package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.FoldingKernel;

/** Folding of floats, see {@code folding.cu}. */
final class CudaFolding implements FoldingKernel {
  private static final String MODULE = "folding";

  private final Device device;
  private final FoldingKernel host;

  CudaFolding(Device device, FoldingKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void norm(Norm a) {
    if (!Frame.takes(a.gamma())) {
      host.norm(a);
      return;
    }
    try (Frame frame = new Frame(device, "folding of a norm")) {
      frame.launch(
          Launch.of(
              MODULE,
              "folding_norm",
              Shape.elements(a.gamma().size()),
              new Arguments()
                  .numbers(a.gamma().size())
                  .number((float) a.eps())
                  .pointers(frame.in(a.gamma()), frame.in(a.beta()), frame.in(a.mean()))
                  .pointers(frame.in(a.variance()), frame.in(a.bias()))
                  .pointers(frame.out(a.scale()), frame.out(a.shift()))));
      frame.finish();
    }
  }

  @Override
  public void shortcut(Shortcut a) {
    if (!Frame.takes(a.w())) {
      host.shortcut(a);
      return;
    }
    try (Frame frame = new Frame(device, "folding of a shortcut")) {
      int channels = a.shift().size();
      frame.launch(
          Launch.of(
              MODULE,
              "folding_kernel",
              Shape.elements(a.w().size()),
              new Arguments()
                  .numbers(channels, a.w().sizeFrom(1))
                  .number((float) a.offset())
                  .pointers(frame.in(a.w()), frame.in(a.innerScale()), frame.in(a.factor()))
                  .pointers(frame.out(a.kernel()))));
      frame.launch(
          Launch.of(
              MODULE,
              "folding_shift",
              Shape.elements(channels),
              new Arguments()
                  .numbers(channels)
                  .pointers(frame.in(a.innerShift()), frame.in(a.bias()))
                  .pointers(frame.in(a.outerScale()), frame.in(a.outerShift()))
                  .pointers(frame.out(a.shift()))));
      frame.finish();
    }
  }
}
