package io.elapid.kernel;

final class ReferenceHiddenState implements HiddenStateKernel {
  @Override
  public void forward(Tensor x, Tensor b, Tensor dt, Tensor a, Tensor h, Tensor w) {
    int states = b.dim(1);
    int length = b.dim(2);
    for (int row = 0; row < b.dim(0) * states; row++) {
      softmax(dt, row * length, length, a.at(row % states), w);
    }
    int channels = x.dim(1);
    for (int s = 0; s < x.dim(0); s++) {
      for (int c = 0; c < channels; c++) {
        for (int n = 0; n < states; n++) {
          double sum = 0;
          for (int l = 0; l < length; l++) {
            int i = (s * states + n) * length + l;
            sum += x.at((s * channels + c) * length + l) * w.at(i) * b.at(i);
          }
          h.put((s * channels + c) * states + n, sum);
        }
      }
    }
  }

  private static void softmax(Tensor dt, int start, int length, double shift, Tensor w) {
    double max = Double.NEGATIVE_INFINITY;
    for (int l = 0; l < length; l++) {
      max = Math.max(max, dt.at(start + l) + shift);
    }
    double sum = 0;
    for (int l = 0; l < length; l++) {
      sum += Math.exp(dt.at(start + l) + shift - max);
    }
    for (int l = 0; l < length; l++) {
      w.put(start + l, Math.exp(dt.at(start + l) + shift - max) / sum);
    }
  }

  @Override
  public void gradient(Gradient a) {
    int states = a.b().dim(1);
    double[] da = new double[states];
    for (int s = 0; s < a.x().dim(0); s++) {
      inputGradient(a, s);
      for (int n = 0; n < states; n++) {
        da[n] += stateGradient(a, s, n);
      }
    }
    for (int n = 0; n < states; n++) {
      a.da().put(n, da[n]);
    }
  }

  private static void inputGradient(Gradient a, int s) {
    int channels = a.x().dim(1);
    int length = a.x().dim(2);
    int states = a.b().dim(1);
    for (int c = 0; c < channels; c++) {
      for (int l = 0; l < length; l++) {
        double sum = 0;
        for (int n = 0; n < states; n++) {
          int i = (s * states + n) * length + l;
          sum += a.dh().at((s * channels + c) * states + n) * a.w().at(i) * a.b().at(i);
        }
        a.dx().put((s * channels + c) * length + l, sum);
      }
    }
  }

  /** Writes the gradients of one state's rows of b and dt; returns its share of da. */
  private static double stateGradient(Gradient a, int s, int n) {
    int channels = a.x().dim(1);
    int length = a.x().dim(2);
    int states = a.b().dim(1);
    int start = (s * states + n) * length;
    double[] q = new double[length];
    double dot = 0;
    for (int l = 0; l < length; l++) {
      for (int c = 0; c < channels; c++) {
        q[l] +=
            a.dh().at((s * channels + c) * states + n) * a.x().at((s * channels + c) * length + l);
      }
      a.db().put(start + l, q[l] * a.w().at(start + l));
      dot += a.w().at(start + l) * q[l] * a.b().at(start + l);
    }
    double da = 0;
    for (int l = 0; l < length; l++) {
      double ddt = a.w().at(start + l) * (q[l] * a.b().at(start + l) - dot);
      a.ddt().put(start + l, ddt);
      da += ddt;
    }
    return da;
  }
}
