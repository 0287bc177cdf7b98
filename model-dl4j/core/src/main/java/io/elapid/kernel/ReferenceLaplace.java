package io.elapid.kernel;

final class ReferenceLaplace implements LaplaceKernel {
  @Override
  public void split(Tensor x, Tensor low, Tensor residual) {
    Blocks blocks = Blocks.of(x, low);
    for (int i = 0; i < low.size(); i++) {
      low.put(i, blocks.sum(x, i) / blocks.area());
      for (int k = 0; k < blocks.area(); k++) {
        int j = blocks.index(i, k);
        residual.put(j, x.at(j) - low.at(i));
      }
    }
  }

  @Override
  public void splitGradient(Tensor dlow, Tensor dresidual, Tensor dx) {
    Blocks blocks = Blocks.of(dx, dlow);
    for (int i = 0; i < dlow.size(); i++) {
      double shift = (dlow.at(i) - blocks.sum(dresidual, i)) / blocks.area();
      for (int k = 0; k < blocks.area(); k++) {
        int j = blocks.index(i, k);
        dx.put(j, dresidual.at(j) + shift);
      }
    }
  }

  @Override
  public void merge(Tensor low, Tensor residual, Tensor y) {
    int width = low.dim(3);
    for (int i = 0; i < y.size(); i++) {
      int start = i / y.sizeFrom(2) * low.sizeFrom(2);
      Interpolation row = Interpolation.at(i / y.dim(3) % y.dim(2), y.dim(2), low.dim(2));
      Interpolation column = Interpolation.at(i % y.dim(3), y.dim(3), width);
      double upper = between(low, start + row.before() * width, column);
      double lower = between(low, start + row.after() * width, column);
      y.put(i, (1 - row.weight()) * upper + row.weight() * lower + residual.at(i));
    }
  }

  private static double between(Tensor low, int start, Interpolation column) {
    return (1 - column.weight()) * low.at(start + column.before())
        + column.weight() * low.at(start + column.after());
  }

  @Override
  public void mergeGradient(Tensor dy, Tensor dlow) {
    int width = dlow.dim(3);
    double[] sums = new double[dlow.size()];
    for (int i = 0; i < dy.size(); i++) {
      int start = i / dy.sizeFrom(2) * dlow.sizeFrom(2);
      Interpolation row = Interpolation.at(i / dy.dim(3) % dy.dim(2), dy.dim(2), dlow.dim(2));
      Interpolation column = Interpolation.at(i % dy.dim(3), dy.dim(3), width);
      spread((1 - row.weight()) * dy.at(i), sums, start + row.before() * width, column);
      spread(row.weight() * dy.at(i), sums, start + row.after() * width, column);
    }
    for (int i = 0; i < sums.length; i++) {
      dlow.put(i, sums[i]);
    }
  }

  private static void spread(double value, double[] sums, int start, Interpolation column) {
    sums[start + column.before()] += (1 - column.weight()) * value;
    sums[start + column.after()] += column.weight() * value;
  }

  /** The p x p pixels that a pooled pixel stands for. */
  private record Blocks(int pool, int height, int width) {
    static Blocks of(Tensor full, Tensor low) {
      return new Blocks(full.dim(2) / low.dim(2), low.dim(2), low.dim(3));
    }

    int area() {
      return pool * pool;
    }

    /** Index of pixel {@code k} of the block of pooled pixel {@code i}. */
    int index(int i, int k) {
      int row = i / width * pool + k / pool;
      return row * width * pool + i % width * pool + k % pool;
    }

    double sum(Tensor full, int i) {
      double sum = 0;
      for (int k = 0; k < area(); k++) {
        sum += full.at(index(i, k));
      }
      return sum;
    }
  }
}
