package io.elapid.kernel;

/** {@link FoldingKernel} as its formulas say. */
final class ReferenceFolding implements FoldingKernel {
  @Override
  public void norm(Norm a) {
    for (int c = 0; c < a.gamma().size(); c++) {
      double factor = a.gamma().at(c) / Math.sqrt(a.variance().at(c) + a.eps());
      double before = a.bias().isPresent() ? a.bias().get().at(c) : 0;
      a.scale().put(c, factor);
      a.shift().put(c, a.beta().at(c) + (before - a.mean().at(c)) * factor);
    }
  }

  @Override
  public void shortcut(Shortcut a) {
    int taps = a.w().sizeFrom(1);
    for (int c = 0; c < a.shift().size(); c++) {
      double scale = a.innerScale().at(c);
      for (int tap = 0; tap < taps; tap++) {
        double shortcut = tap == taps / 2 ? a.factor().at(c) + a.offset() : 0;
        a.kernel().put(c * taps + tap, scale * a.w().at(c * taps + tap) + shortcut);
      }
      double added = a.bias().isPresent() ? a.bias().get().at(c) : 0;
      a.shift()
          .put(c, a.outerScale().at(c) * (a.innerShift().at(c) + added) + a.outerShift().at(c));
    }
  }
}
