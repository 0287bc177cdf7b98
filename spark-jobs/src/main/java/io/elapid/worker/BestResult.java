package io.elapid.worker;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.Retention;
import io.elapid.config.Recipe;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The best evaluation of a run so far, and how many came after it: what the best checkpoint and an
 * early stop go by. Part of a run's state; all ranks see the same evaluations and agree.
 */
final class BestResult {
  private static final String BEST = "best_result";
  private static final String SINCE = "evaluations_since_best";

  private final Recipe.Metric metric;
  private final int patience;
  private double best = Double.NaN;
  private long since;

  BestResult(Recipe recipe) {
    this.metric = recipe.metric();
    this.patience = recipe.evaluation().patience();
  }

  /** Counts an evaluation and says whether it is the best so far; the first of equals is. */
  boolean add(SplitScore score) {
    double value = score.measures().get(metric());
    boolean better = Double.isNaN(best) || (lowest() ? value < best : value > best);
    if (better) {
      best = value;
    }
    since = better ? 0 : since + 1;
    return better;
  }

  /** Whether so many evaluations in a row have brought nothing that the run is to end. */
  boolean exhausted() {
    return patience > 0 && since >= patience;
  }

  /** Value of the best evaluation; not a number before the first. */
  double value() {
    return best;
  }

  /** Name of the metric in checkpoints and events. */
  String metric() {
    return metric.name().toLowerCase(Locale.ROOT);
  }

  /** Keeps the newest {@code last} checkpoints and the one of the best evaluation. */
  Retention retention(int last) {
    Retention.Order order = lowest() ? Retention.Order.LOWEST : Retention.Order.HIGHEST;
    return new Retention(last, List.of(new Retention.Best(metric(), order)));
  }

  private boolean lowest() {
    return metric == Recipe.Metric.LOSS;
  }

  /** What to save with a checkpoint. */
  List<NamedTensor> state() {
    return List.of(
        NamedTensor.scalar(BEST + "." + metric(), Double.doubleToLongBits(best)),
        NamedTensor.scalar(SINCE + "." + metric(), since));
  }

  /** Goes on from a checkpoint's; one that knows nothing of this metric starts the count anew. */
  void restore(Map<String, NamedTensor> state) {
    NamedTensor value = state.get(BEST + "." + metric());
    NamedTensor count = state.get(SINCE + "." + metric());
    if (value != null && count != null && value.type() == DType.I64 && count.type() == DType.I64) {
      best = Double.longBitsToDouble(value.longs().get(0));
      since = count.longs().get(0);
    }
  }
}
