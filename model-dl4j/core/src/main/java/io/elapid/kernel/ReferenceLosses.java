package io.elapid.kernel;

import java.util.Optional;

final class ReferenceLosses implements LossKernel {
  /** A function of one element of the predictions and its derivative. */
  private record Term(double loss, double slope) {
    Term times(double factor) {
      return new Term(loss * factor, slope * factor);
    }
  }

  @FunctionalInterface
  private interface Terms {
    Term at(int element);
  }

  @Override
  public void focal(Tensor logits, Targets labels, double alpha, double gamma, Result result) {
    LossGroups groups = LossGroups.of(logits, labels.values());
    Labels.check(labels.values(), groups.values() + 1, -1);
    write(
        logits,
        labels.weights(),
        result,
        i -> {
          double label = labels.values().at(groups.group(i));
          if (Double.isNaN(label)) {
            return new Term(label, label);
          }
          if (label == -1) {
            return new Term(0, 0);
          }
          boolean positive = label == groups.value(i);
          Term term = focal(positive ? -logits.at(i) : logits.at(i), gamma);
          return positive
              ? new Term(alpha * term.loss(), -alpha * term.slope())
              : term.times(1 - alpha);
        });
  }

  /** {@code s^gamma ln(1 + e^z)} with the sigmoid s of z. */
  private static Term focal(double z, double gamma) {
    double s = Scalars.sigmoid(z);
    double loss = Scalars.softplus(z);
    double factor = Math.pow(s, gamma);
    return new Term(factor * loss, factor * (gamma * (1 - s) * loss + s));
  }

  @Override
  public void smoothL1(Tensor predictions, Targets targets, double beta, Result result) {
    write(
        predictions,
        targets.weights(),
        result,
        i -> {
          double d = predictions.at(i) - targets.values().at(i);
          return Math.abs(d) < beta
              ? new Term(d * d / (2 * beta), d / beta)
              : new Term(Math.abs(d) - beta / 2, Math.signum(d));
        });
  }

  @Override
  public void binaryCrossEntropy(Tensor logits, Targets targets, Result result) {
    write(
        logits,
        targets.weights(),
        result,
        i -> {
          double x = logits.at(i);
          double target = targets.values().at(i);
          return new Term(Scalars.softplus(x) - target * x, Scalars.sigmoid(x) - target);
        });
  }

  private static void write(Tensor x, Optional<Tensor> weights, Result result, Terms terms) {
    Optional<LossGroups> groups = weights.map(w -> LossGroups.of(x, w));
    double divisor = result.divisor().at(0);
    double total = 0;
    for (int i = 0; i < x.size(); i++) {
      double weight = groups.isPresent() ? weights.get().at(groups.get().group(i)) : 1;
      Term term = weight == 0 ? new Term(0, 0) : terms.at(i).times(weight);
      total += term.loss();
      result.slope().put(i, term.slope() / divisor);
    }
    result.loss().put(0, total / divisor);
  }

  @Override
  public void crossEntropy(Tensor logits, Targets labels, int ignored, Result result) {
    LossGroups groups = LossGroups.of(logits, labels.values());
    Labels.check(labels.values(), groups.values(), ignored);
    double divisor = result.divisor().at(0);
    double total = 0;
    for (int g = 0; g < groups.count(); g++) {
      double weight = labels.weights().isPresent() ? labels.weights().get().at(g) : 1;
      double label = labels.values().at(g);
      if (label == ignored || weight == 0) {
        for (int k = 0; k < groups.values(); k++) {
          result.slope().put(groups.element(g, k), 0);
        }
        continue;
      }
      total += weight * group(logits, groups, g, label, weight / divisor, result.slope());
    }
    result.loss().put(0, total / divisor);
  }

  /** The loss of a group; writes its slope times {@code factor}. */
  private static double group(
      Tensor logits, LossGroups groups, int g, double label, double factor, Tensor slope) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < groups.values(); k++) {
      max = Math.max(max, logits.at(groups.element(g, k)));
    }
    double sum = 0;
    for (int k = 0; k < groups.values(); k++) {
      sum += Math.exp(logits.at(groups.element(g, k)) - max);
    }
    double logSum = max + Math.log(sum);
    double loss = Double.isNaN(label) ? label : 0;
    for (int k = 0; k < groups.values(); k++) {
      double x = logits.at(groups.element(g, k));
      boolean own = k == label;
      loss += own ? logSum - x : 0;
      double probability = Double.isNaN(label) ? label : Math.exp(x - logSum);
      slope.put(groups.element(g, k), factor * (probability - (own ? 1 : 0)));
    }
    return loss;
  }

  @Override
  public void gradient(Tensor dloss, Tensor slope, Tensor dx) {
    double factor = dloss.at(0);
    for (int i = 0; i < dx.size(); i++) {
      dx.put(i, factor * slope.at(i));
    }
  }
}
