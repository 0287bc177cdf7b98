package io.elapid.kernel;

/**
 * The specification of {@link ConvolutionKernel}, for any groups. Networks never run on it, being
 * far too slow: where a backend has no kernel of its own, its native operations take over.
 */
public final class ReferenceConvolution implements ConvolutionKernel {
  private final ConvolutionShape shape;

  /** For convolutions of that shape. */
  public ReferenceConvolution(ConvolutionShape shape) {
    this.shape = shape;
  }

  /** What is done with each weight and the pixels of x and y that it joins. */
  @FunctionalInterface
  private interface Tap {
    void visit(int weight, int x, int y);
  }

  /** Visits all weights of output {@code o} at pixel (i, j) of sample {@code b}. */
  private void taps(int b, int o, int i, int j, Tap tap) {
    ConvolutionShape s = shape;
    int y = ((b * s.outputs() + o) * s.outputHeight() + i) * s.outputWidth() + j;
    int first = o / s.groupOutputs() * s.groupChannels();
    for (int c = 0; c < s.groupChannels(); c++) {
      for (int p = 0; p < s.kernelHeight(); p++) {
        int row = i * s.strideHeight() - s.paddingHeight() + p * s.dilation();
        for (int q = 0; q < s.kernelWidth(); q++) {
          int column = j * s.strideWidth() - s.paddingWidth() + q * s.dilation();
          if (row >= 0 && row < s.height() && column >= 0 && column < s.width()) {
            int x = ((b * s.channels() + first + c) * s.height() + row) * s.width() + column;
            tap.visit(
                ((o * s.groupChannels() + c) * s.kernelHeight() + p) * s.kernelWidth() + q, x, y);
          }
        }
      }
    }
  }

  private void allTaps(Tap tap) {
    for (int b = 0; b < shape.batch(); b++) {
      for (int o = 0; o < shape.outputs(); o++) {
        for (int i = 0; i < shape.outputHeight(); i++) {
          for (int j = 0; j < shape.outputWidth(); j++) {
            taps(b, o, i, j, tap);
          }
        }
      }
    }
  }

  @Override
  public void forward(Forward a) {
    double[] sums = new double[a.y().size()];
    allTaps((weight, x, y) -> sums[y] += a.w().at(weight) * a.x().at(x));
    for (int y = 0; y < sums.length; y++) {
      int o = y / shape.outputPositions() % shape.outputs();
      double scale = a.scale().map(t -> t.at(o)).orElse(1.0);
      double shift = a.shift().map(t -> t.at(o)).orElse(0.0);
      a.y().put(y, ReferenceActivation.apply(a.activation(), scale * sums[y] + shift));
    }
  }

  @Override
  public void inputGradient(InputGradient a) {
    double[] sums = new double[a.dx().size()];
    allTaps((weight, x, y) -> sums[x] += a.w().at(weight) * a.dy().at(y));
    for (int x = 0; x < sums.length; x++) {
      a.dx().put(x, sums[x]);
    }
  }

  @Override
  public void weightGradient(WeightGradient a) {
    double[] sums = new double[a.dw().size()];
    allTaps((weight, x, y) -> sums[weight] += a.x().at(x) * a.dy().at(y));
    for (int weight = 0; weight < sums.length; weight++) {
      a.dw().put(weight, sums[weight]);
    }
    a.dbias().ifPresent(dbias -> biasGradient(a.dy(), dbias));
  }

  private void biasGradient(Tensor dy, Tensor dbias) {
    double[] sums = new double[shape.outputs()];
    for (int y = 0; y < dy.size(); y++) {
      sums[y / shape.outputPositions() % shape.outputs()] += dy.at(y);
    }
    for (int o = 0; o < sums.length; o++) {
      dbias.put(o, sums[o]);
    }
  }
}
