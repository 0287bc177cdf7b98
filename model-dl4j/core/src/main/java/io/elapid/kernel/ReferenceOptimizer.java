package io.elapid.kernel;

import java.util.List;

final class ReferenceOptimizer implements OptimizerKernel {
  @Override
  public void adamW(Vectors vectors, List<Range> ranges, Coefficients c) {
    for (Range range : ranges) {
      for (int i = range.from(); i < range.to(); i++) {
        update(vectors, i, range, c);
      }
    }
  }

  private static void update(Vectors vectors, int i, Range range, Coefficients c) {
    double g = c.gradient() * vectors.gradients().at(i);
    double m = vectors.firstMoment().at(i);
    m += (1 - c.beta1()) * (g - m);
    double v = c.beta2() * vectors.secondMoment().at(i) + (1 - c.beta2()) * g * g;
    double step = range.rate() * c.step();
    double p =
        range.keep() * vectors.parameters().at(i)
            - step * m / (Math.sqrt(v) * c.root() + c.epsilon());
    vectors.firstMoment().put(i, m);
    vectors.secondMoment().put(i, v);
    vectors.parameters().put(i, p);
    vectors.average().ifPresent(a -> a.put(i, c.average() * a.at(i) + (1 - c.average()) * p));
  }

  @Override
  public double squares(Tensor x) {
    return squares(x, 0, x.size());
  }

  private static double squares(Tensor x, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += x.at(i) * x.at(i);
    }
    return sum;
  }

  @Override
  public void clipUnits(Tensor parameters, Tensor gradients, List<Units> units, UnitClip clip) {
    for (Units some : units) {
      for (int unit = 0; unit < some.count(); unit++) {
        int from = some.from() + unit * some.length();
        int to = from + some.length();
        double coefficient =
            clip.coefficient(squares(parameters, from, to), squares(gradients, from, to));
        for (int i = from; i < to; i++) {
          gradients.put(i, coefficient * gradients.at(i));
        }
      }
    }
  }

  @Override
  public void blend(Tensor y, double keep, Tensor x, double take) {
    for (int i = 0; i < y.size(); i++) {
      y.put(i, keep * y.at(i) + take * x.at(i));
    }
  }

  @Override
  public void scale(Tensor x, double factor, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      y.put(i, factor * x.at(i));
    }
  }
}
