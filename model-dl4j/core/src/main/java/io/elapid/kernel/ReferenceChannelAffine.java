package io.elapid.kernel;

final class ReferenceChannelAffine implements ChannelAffineKernel {
  @Override
  public void forward(Forward a) {
    int length = a.x().sizeFrom(2);
    for (int i = 0; i < a.x().size(); i++) {
      int c = i / length % a.x().dim(1);
      double y = a.x().at(i) * (a.offset() + a.scale().at(c));
      if (a.bias().isPresent()) {
        y += a.bias().get().at(c);
      }
      if (a.residual().isPresent()) {
        y += a.residual().get().at(i);
      }
      a.y().put(i, y);
    }
  }

  @Override
  public void gradient(Gradient a) {
    int length = a.x().sizeFrom(2);
    double[] dscale = new double[a.x().dim(1)];
    double[] dbias = new double[a.x().dim(1)];
    for (int i = 0; i < a.x().size(); i++) {
      int c = i / length % a.x().dim(1);
      double dy = a.dy().at(i);
      dscale[c] += dy * a.x().at(i);
      dbias[c] += dy;
      a.dx().put(i, dy * (a.offset() + a.scale().at(c)));
    }
    for (int c = 0; c < dscale.length; c++) {
      a.dscale().put(c, dscale[c]);
      if (a.dbias().isPresent()) {
        a.dbias().get().put(c, dbias[c]);
      }
    }
  }
}
