package io.elapid.kernel;

/** The two norms one after the other, and the sum between them. */
record ReferenceShortcutNorm(BatchNormKernel norm) implements ShortcutNormKernel {
  @Override
  public void forward(Forward a) {
    Parameters p = a.parameters();
    Tensor s = like(a.u());
    train(a.u(), p.innerGamma(), p.innerBeta(), a.eps(), s, a.inner());
    addShortcut(a.x(), p, s);
    train(s, p.outerGamma(), p.outerBeta(), a.eps(), a.y(), a.outer());
  }

  private void train(
      Tensor x, Tensor gamma, Tensor beta, double eps, Tensor y, Statistics statistics) {
    norm.train(
        new BatchNormKernel.Train(
            x,
            gamma,
            beta,
            eps,
            ActivationKind.IDENTITY,
            y,
            statistics.mean(),
            statistics.variance(),
            statistics.invStd()));
  }

  private static void addShortcut(Tensor x, Parameters p, Tensor s) {
    for (int i = 0; i < x.size(); i++) {
      int c = channel(x, i);
      s.put(i, s.at(i) + (1 + p.weight().at(c)) * x.at(i) + p.bias().at(c));
    }
  }

  @Override
  public void gradient(Gradient a) {
    Parameters p = a.parameters();
    Tensor s = like(a.u());
    norm.repeat(
        new BatchNormKernel.Repeat(
            a.u(),
            p.innerGamma(),
            p.innerBeta(),
            a.inner().mean(),
            a.inner().invStd(),
            ActivationKind.IDENTITY,
            s));
    addShortcut(a.x(), p, s);
    Tensor ds = like(s);
    gradient(
        new Normed(a.dy(), s, p.outerGamma(), p.outerBeta(), a.outer()),
        ds,
        a.gradients().outerGamma(),
        a.gradients().outerBeta());
    gradient(
        new Normed(ds, a.u(), p.innerGamma(), p.innerBeta(), a.inner()),
        a.du(),
        a.gradients().innerGamma(),
        a.gradients().innerBeta());
    shortcutGradient(a, ds);
  }

  private record Normed(Tensor dy, Tensor x, Tensor gamma, Tensor beta, Saved saved) {}

  private void gradient(Normed of, Tensor dx, Tensor dgamma, Tensor dbeta) {
    norm.trainGradient(
        new BatchNormKernel.TrainGradient(
            of.dy(),
            of.x(),
            of.gamma(),
            of.beta(),
            of.saved().mean(),
            of.saved().invStd(),
            ActivationKind.IDENTITY,
            dx,
            dgamma,
            dbeta));
  }

  private static void shortcutGradient(Gradient a, Tensor ds) {
    int channels = a.x().dim(1);
    double[] dots = new double[channels];
    double[] sums = new double[channels];
    for (int i = 0; i < ds.size(); i++) {
      int c = channel(ds, i);
      dots[c] += ds.at(i) * a.x().at(i);
      sums[c] += ds.at(i);
      a.dx().put(i, (1 + a.parameters().weight().at(c)) * ds.at(i));
    }
    for (int c = 0; c < channels; c++) {
      a.gradients().weight().put(c, dots[c]);
      a.gradients().bias().put(c, sums[c]);
    }
  }

  private static int channel(Tensor x, int index) {
    return index / x.sizeFrom(2) % x.dim(1);
  }

  private static Tensor like(Tensor x) {
    return Tensor.zeros(x.type(), x.dim(0), x.dim(1), x.sizeFrom(2));
  }
}
