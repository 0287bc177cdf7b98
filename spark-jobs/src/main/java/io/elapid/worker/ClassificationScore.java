package io.elapid.worker;

import io.elapid.task.classification.ClassificationMetrics;
import io.elapid.task.classification.ConfusionMatrix;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How well classes of whole pictures are told apart. */
record ClassificationScore(ClassificationMetrics metrics) implements SplitScore {
  @Override
  public long samples() {
    return metrics.count();
  }

  @Override
  public Map<String, Double> measures() {
    Map<String, Double> measures = new LinkedHashMap<>();
    measures.put("loss", metrics.loss());
    measures.put("top1", metrics.top1());
    measures.put("top5", metrics.top5());
    return measures;
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "top-1 %.2f %%, top-5 %.2f %%, loss %.4f",
        100 * metrics.top1(),
        100 * metrics.top5(),
        metrics.loss());
  }

  @Override
  public Optional<ConfusionMatrix> confusion() {
    return Optional.of(metrics.confusion());
  }

  @Override
  public String encode() {
    return metrics.toJson();
  }
}
