package io.elapid.worker;

import io.elapid.observe.ReportSection;
import io.elapid.task.classification.ConfusionMatrix;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoMetric;
import io.elapid.task.evaluation.CocoResults;
import io.elapid.task.evaluation.DetectionLimits;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How well objects are found.
 *
 * @param evaluator all pictures of a share
 * @param results the measures of these pictures alone
 */
record DetectionScore(CocoEvaluator evaluator, CocoResults results) implements SplitScore {
  private static final List<String> MEASURES =
      List.of("AP", "AP50", "AP75", "APs", "APm", "APl", "AR100");

  /** Measures all pictures of a share. */
  static DetectionScore of(CocoEvaluator evaluator, DetectionLimits limits) {
    return new DetectionScore(evaluator, evaluator.results(limits));
  }

  /**
   * All shares together.
   *
   * @throws IllegalArgumentException if one was measured otherwise, or is damaged
   */
  static DetectionScore merged(List<String> shares, DetectionLimits limits) {
    CocoEvaluator all = decode(shares.get(0));
    shares.subList(1, shares.size()).stream().map(DetectionScore::decode).forEach(all::merge);
    return of(all, limits);
  }

  @Override
  public long samples() {
    return evaluator.count();
  }

  @Override
  public Map<String, Double> measures() {
    Map<String, Double> named = results.named();
    Map<String, Double> measures = new LinkedHashMap<>();
    MEASURES.forEach(name -> measures.put(name.toLowerCase(Locale.ROOT), named.get(name)));
    return measures;
  }

  @Override
  public String summary() {
    return "AP %s, AP50 %s, AP75 %s"
        .formatted(text(CocoMetric.AP), text(CocoMetric.AP50), text(CocoMetric.AP75));
  }

  private String text(CocoMetric metric) {
    double value = results.value(metric);
    return value == CocoResults.ABSENT
        ? "of nothing"
        : String.format(Locale.ROOT, "%.2f %%", 100 * value);
  }

  @Override
  public Optional<ConfusionMatrix> confusion() {
    return Optional.empty();
  }

  @Override
  public List<ReportSection> sections(List<String> names) {
    return List.of(ReportSection.detection(names, results));
  }

  /** A JSON string: scores and match flags, some thirty characters for each found object. */
  @Override
  public String encode() {
    return '"' + Base64.getEncoder().encodeToString(evaluator.toBytes()) + '"';
  }

  private static CocoEvaluator decode(String share) {
    if (share.length() < 2 || share.charAt(0) != '"' || !share.endsWith("\"")) {
      throw new IllegalArgumentException("not detection results: no JSON string");
    }
    return CocoEvaluator.fromBytes(
        Base64.getDecoder().decode(share.substring(1, share.length() - 1)));
  }
}
