package io.elapid.backend.cuda;

import io.elapid.kernel.MatrixProductKernel;
import io.elapid.kernel.Tensor;

/** Products of matrices of floats. */
final class CudaMatrixProduct implements MatrixProductKernel {
  private final Device device;

  CudaMatrixProduct(Device device) {
    this.device = device;
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor y) {
    try (Frame frame = new Frame(device, "product of matrices")) {
      new Product(a.dim(0), a.dim(1), b.dim(2), a.dim(2))
          .launch(frame, Product.PLAIN, frame.in(a), frame.in(b), frame.out(y));
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor a, Tensor b, Tensor da, Tensor db) {
    try (Frame frame = new Frame(device, "gradient of a product of matrices")) {
      int samples = a.dim(0);
      int rows = a.dim(1);
      int terms = a.dim(2);
      int columns = b.dim(2);
      long from = frame.in(dy);
      new Product(samples, rows, terms, columns)
          .launch(frame, Product.OF_ROWS, from, frame.in(b), 0, frame.out(da));
      new Product(samples, terms, columns, rows)
          .launch(frame, Product.OF_COLUMNS, frame.in(a), from, frame.out(db));
      frame.finish();
    }
  }
}
