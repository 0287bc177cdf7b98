package io.elapid.kernel;

final class ReferencePatches implements PatchKernel {
  @Override
  public void gather(Tensor x, Tensor y) {
    y.fill(0);
    for (int i = 0; i < x.size(); i++) {
      y.put(index(x, y, i), x.at(i));
    }
  }

  @Override
  public void scatter(Tensor y, Tensor x) {
    for (int i = 0; i < x.size(); i++) {
      x.put(i, y.at(index(x, y, i)));
    }
  }

  /** Where pixel {@code i} of x goes in y. */
  private static int index(Tensor x, Tensor y, int i) {
    int sample = i / x.sizeFrom(1);
    int channel = i / x.sizeFrom(2) % x.dim(1);
    int row = i / x.dim(3) % x.dim(2);
    int column = i % x.dim(3);
    int quarter = row % 2 + 2 * (column % 2);
    return ((sample * 4 + quarter) * x.dim(1) + channel) * y.sizeFrom(2)
        + row / 2 * y.dim(3)
        + column / 2;
  }
}
