package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;

/** Affine maps of floats, see {@code products.cu}. */
final class CudaLinear implements LinearKernel {
  private final Device device;
  private final LinearKernel host;

  CudaLinear(Device device, LinearKernel host) {
    this.device = device;
    this.host = host;
  }

  private static boolean isOurs(Tensor x, Tensor w) {
    return Frame.takes(x) && Frame.takes(w);
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor bias, Tensor y) {
    if (!isOurs(x, w)) {
      host.forward(x, w, bias, y);
      return;
    }
    try (Frame frame = new Frame(device, "linear")) {
      new Product(1, x.dim(0), w.dim(0), w.dim(1))
          .launch(frame, Product.OF_ROWS, frame.in(x), frame.in(w), frame.in(bias), frame.out(y));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw, Tensor dbias) {
    if (!isOurs(x, w)) {
      host.gradient(dy, x, w, dx, dw, dbias);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of linear")) {
      int batch = x.dim(0);
      int outputs = w.dim(0);
      int inputs = w.dim(1);
      long from = frame.in(dy);
      new Product(1, batch, inputs, outputs)
          .launch(frame, Product.PLAIN, from, frame.in(w), frame.out(dx));
      new Product(1, outputs, inputs, batch)
          .launch(frame, Product.OF_COLUMNS, from, frame.in(x), frame.out(dw));
      int blocks = ProductTiles.divideUp(outputs, ProductTiles.LANES);
      frame.launch(
          Launch.of(
              Product.MODULE,
              "bias_gradient",
              new Shape(blocks, 1, 1, ProductTiles.WARPS * ProductTiles.LANES, 0),
              new Arguments().numbers(batch, outputs).pointers(from, frame.out(dbias))));
      frame.finish();
    }
  }
}
