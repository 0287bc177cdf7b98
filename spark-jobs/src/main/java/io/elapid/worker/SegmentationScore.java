package io.elapid.worker;

import io.elapid.observe.ReportSection;
import io.elapid.task.classification.ConfusionMatrix;
import io.elapid.task.evaluation.SegmentationMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How well classes of pixels are told apart. */
record SegmentationScore(SegmentationMetrics metrics, SegmentationMetrics.AbsentClasses absent)
    implements SplitScore {
  @Override
  public long samples() {
    return metrics.count();
  }

  @Override
  public Map<String, Double> measures() {
    Map<String, Double> measures = new LinkedHashMap<>();
    measures.put("miou", metrics.meanIou(absent));
    measures.put("macc", metrics.meanAccuracy(absent));
    measures.put("aacc", metrics.pixelAccuracy());
    return measures;
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "mIoU %.2f %%, mAcc %.2f %%, aAcc %.2f %%",
        100 * metrics.meanIou(absent),
        100 * metrics.meanAccuracy(absent),
        100 * metrics.pixelAccuracy());
  }

  /** Part of the section. */
  @Override
  public Optional<ConfusionMatrix> confusion() {
    return Optional.empty();
  }

  @Override
  public List<ReportSection> sections(List<String> names) {
    return List.of(ReportSection.segmentation(names, metrics));
  }

  @Override
  public String encode() {
    return metrics.toJson();
  }
}
