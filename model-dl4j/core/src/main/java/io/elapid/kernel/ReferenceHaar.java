package io.elapid.kernel;

final class ReferenceHaar implements HaarKernel {
  @Override
  public void forward(Tensor x, Tensor y) {
    int plane = y.sizeFrom(2);
    for (int block = 0; block < y.size() / 4; block++) {
      int channel = block / plane;
      int row = block % plane / y.dim(3) * 2;
      int column = block % y.dim(3) * 2;
      double a = at(x, channel, row, column);
      double b = at(x, channel, row, column + 1);
      double c = at(x, channel, row + 1, column);
      double d = at(x, channel, row + 1, column + 1);
      int first = 4 * channel * plane + block % plane;
      y.put(first, SCALE * (a + b + c + d));
      y.put(first + plane, SCALE * (a + b - c - d));
      y.put(first + 2 * plane, SCALE * (a - b + c - d));
      y.put(first + 3 * plane, SCALE * (a - b - c + d));
    }
  }

  private static double at(Tensor x, int channel, int row, int column) {
    return row < x.dim(2) && column < x.dim(3)
        ? x.at((channel * x.dim(2) + row) * x.dim(3) + column)
        : 0;
  }

  @Override
  public void inverse(Tensor y, Tensor x) {
    int plane = y.sizeFrom(2);
    for (int i = 0; i < x.size(); i++) {
      int channel = i / x.sizeFrom(2);
      int row = i / x.dim(3) % x.dim(2);
      int column = i % x.dim(3);
      int first = 4 * channel * plane + row / 2 * y.dim(3) + column / 2;
      int down = row % 2 == 0 ? 1 : -1;
      int right = column % 2 == 0 ? 1 : -1;
      double sum = y.at(first) + down * y.at(first + plane);
      double difference = y.at(first + 2 * plane) + down * y.at(first + 3 * plane);
      x.put(i, SCALE * (sum + right * difference));
    }
  }
}
