package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;

/** Affine maps of floats, see {@code linear.cu}. */
final class CudaLinear implements LinearKernel {
  private static final String MODULE = "linear";

  /** Rows of a warp in small tiles, and in large ones. */
  private static final int FEW = 2;

  private static final int MANY = 8;

  /** Large tiles that are enough: with fewer, small ones keep more of a device busy. */
  private static final int ENOUGH = 128;

  private final Device device;
  private final LinearKernel host;

  CudaLinear(Device device, LinearKernel host) {
    this.device = device;
    this.host = host;
  }

  private static boolean isOurs(Tensor x, Tensor w) {
    return Frame.takes(x) && Frame.takes(w);
  }

  /** One product: how many rows and columns it has, and terms each of its elements. */
  private record Product(int rows, int columns, int terms) {
    private int warpRows() {
      int large = ProductTiles.columnTiles(columns) * ProductTiles.rowTiles(rows, MANY);
      return large < ENOUGH ? FEW : MANY;
    }

    void launch(Frame frame, String entry, long... operands) {
      int warpRows = warpRows();
      Shape shape =
          ProductTiles.shape(
              ProductTiles.columnTiles(columns),
              ProductTiles.rowTiles(rows, warpRows),
              1,
              warpRows,
              0);
      Arguments arguments = new Arguments().struct(rows, columns, terms).pointers(operands);
      frame.launch(Launch.of(MODULE, entry + "_" + warpRows, shape, arguments));
    }
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor bias, Tensor y) {
    if (!isOurs(x, w)) {
      host.forward(x, w, bias, y);
      return;
    }
    try (Frame frame = new Frame(device, "linear")) {
      new Product(x.dim(0), w.dim(0), w.dim(1))
          .launch(frame, "linear_forward", frame.in(x), frame.in(w), frame.in(bias), frame.out(y));
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
      new Product(batch, inputs, outputs)
          .launch(frame, "linear_input", from, frame.in(w), frame.out(dx));
      new Product(outputs, inputs, batch)
          .launch(frame, "linear_weights", from, frame.in(x), frame.out(dw));
      int blocks = ProductTiles.divideUp(outputs, ProductTiles.LANES);
      frame.launch(
          Launch.of(
              MODULE,
              "linear_bias",
              new Shape(blocks, 1, 1, ProductTiles.WARPS * ProductTiles.LANES, 0),
              new Arguments().numbers(batch, outputs).pointers(from, frame.out(dbias))));
      frame.finish();
    }
  }
}
