package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.Tensor;

/** Neighbourhoods of floats, see {@code patches.cu}. */
final class CudaPatches implements PatchKernel {
  private final Device device;
  private final PatchKernel host;

  CudaPatches(Device device, PatchKernel host) {
    this.device = device;
    this.host = host;
  }

  private void run(String name, Tensor map, Tensor from, Tensor to) {
    try (Frame frame = new Frame(device, name.replace('_', ' '))) {
      frame.launch(
          Launch.of(
              "patches",
              name,
              Shape.elements(to.size()),
              new Arguments()
                  .struct(map.dim(0), map.dim(1), map.dim(2), map.dim(3))
                  .pointers(frame.in(from), frame.out(to))));
      frame.finish();
    }
  }

  @Override
  public void gather(Tensor x, Tensor y) {
    if (Frame.takes(x)) {
      run("patch_gather", x, x, y);
    } else {
      host.gather(x, y);
    }
  }

  @Override
  public void scatter(Tensor y, Tensor x) {
    if (Frame.takes(x)) {
      run("patch_scatter", x, y, x);
    } else {
      host.scatter(y, x);
    }
  }
}
