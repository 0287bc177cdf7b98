package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.Tensor;

/** Haar wavelets of floats, see {@code haar.cu}. */
final class CudaHaar implements HaarKernel {
  private final Device device;
  private final HaarKernel host;

  CudaHaar(Device device, HaarKernel host) {
    this.device = device;
    this.host = host;
  }

  private void run(String name, long count, Tensor map, Tensor from, Tensor to) {
    try (Frame frame = new Frame(device, name.replace('_', ' '))) {
      frame.launch(
          Launch.of(
              "haar",
              name,
              Shape.elements(count),
              new Arguments()
                  .struct(map.dim(0) * map.dim(1), map.dim(2), map.dim(3))
                  .pointers(frame.in(from), frame.out(to))));
      frame.finish();
    }
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    if (Frame.takes(x)) {
      run("haar_forward", y.size() / 4, x, x, y);
    } else {
      host.forward(x, y);
    }
  }

  @Override
  public void inverse(Tensor y, Tensor x) {
    if (Frame.takes(x)) {
      run("haar_inverse", x.size(), x, y, x);
    } else {
      host.inverse(y, x);
    }
  }
}
