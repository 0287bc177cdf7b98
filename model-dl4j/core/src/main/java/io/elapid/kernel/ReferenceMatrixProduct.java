package io.elapid.kernel;

/**
 * Plain loops, to hold faster kernels to; no set has them, for the same reason as {@link
 * ReferenceConvolution}.
 */
public final class ReferenceMatrixProduct implements MatrixProductKernel {
  /** A factor of every sample: element (row, column) of its matrix, or of the transposed one. */
  private record Factor(Tensor of, boolean isTransposed) {
    double at(int sample, int row, int column) {
      int inRow = isTransposed ? column : row;
      int inColumn = isTransposed ? row : column;
      return of.at((sample * of.dim(1) + inRow) * of.dim(2) + inColumn);
    }

    int columns() {
      return of.dim(isTransposed ? 1 : 2);
    }
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor y) {
    product(new Factor(a, false), new Factor(b, false), y);
  }

  @Override
  public void gradient(Tensor dy, Tensor a, Tensor b, Tensor da, Tensor db) {
    product(new Factor(dy, false), new Factor(b, true), da);
    product(new Factor(a, true), new Factor(dy, false), db);
  }

  private static void product(Factor left, Factor right, Tensor to) {
    int columns = to.dim(2);
    for (int i = 0; i < to.size(); i++) {
      int sample = i / to.sizeFrom(1);
      double sum = 0;
      for (int k = 0; k < left.columns(); k++) {
        sum += left.at(sample, i / columns % to.dim(1), k) * right.at(sample, k, i % columns);
      }
      to.put(i, sum);
    }
  }
}
