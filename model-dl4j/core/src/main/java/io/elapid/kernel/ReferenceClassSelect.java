package io.elapid.kernel;

final class ReferenceClassSelect implements ClassSelectKernel {
  @Override
  public void forward(Tensor x, Tensor labels, Tensor y) {
    int part = y.sizeFrom(1);
    int classes = x.sizeFrom(1) / part;
    for (int i = 0; i < y.size(); i++) {
      int row = i / part;
      if (Double.isNaN(labels.at(row))) {
        y.put(i, Double.NaN);
      } else {
        int label = Labels.orNone(labels, row, classes);
        y.put(i, label < 0 ? 0 : x.at((row * classes + label) * part + i % part));
      }
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor labels, Tensor dx) {
    int part = dy.sizeFrom(1);
    int classes = dx.sizeFrom(1) / part;
    for (int i = 0; i < dx.size(); i++) {
      int row = i / (part * classes);
      boolean own = Labels.orNone(labels, row, classes) == i / part % classes;
      dx.put(i, own ? dy.at(row * part + i % part) : 0);
    }
  }
}
