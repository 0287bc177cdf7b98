package io.elapid.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.observe.ReportSection;
import io.elapid.task.classification.ConfusionMatrix;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoMetric;
import io.elapid.task.evaluation.CocoResults;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How well objects are found: their boxes, and of some networks their masks.
 *
 * @param parts at least one, boxes first
 */
record DetectionScore(List<Part> parts) implements SplitScore {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String MASKS = "mask_";

  /**
   * What was laid over objects in one way.
   *
   * @param evaluator all pictures of a share
   * @param results the measures of these pictures alone
   */
  record Part(CocoEvaluator evaluator, CocoResults results) {}

  /** Measures all pictures of a share; there is at least one evaluator. */
  static DetectionScore of(List<CocoEvaluator> evaluators, DetectionLimits limits) {
    return new DetectionScore(
        evaluators.stream().map(all -> new Part(all, all.results(limits))).toList());
  }

  /**
   * All shares together.
   *
   * @throws IllegalArgumentException if one was measured otherwise, or is damaged
   */
  static DetectionScore merged(List<String> shares, DetectionLimits limits) {
    List<CocoEvaluator> all = decode(shares.get(0));
    for (String share : shares.subList(1, shares.size())) {
      List<CocoEvaluator> more = decode(share);
      if (more.size() != all.size()) {
        throw new IllegalArgumentException(
            "shares measured in %d and in %d ways".formatted(all.size(), more.size()));
      }
      for (int i = 0; i < all.size(); i++) {
        all.get(i).merge(more.get(i));
      }
    }
    return of(all, limits);
  }

  @Override
  public long samples() {
    return parts.get(0).evaluator().count();
  }

  @Override
  public Map<String, Double> measures() {
    Map<String, Double> measures = new LinkedHashMap<>();
    for (Part part : parts) {
      String prefix = part.results().type() == IouType.SEGM ? MASKS : "";
      part.results()
          .named()
          .forEach((name, value) -> measures.put(prefix + name.toLowerCase(Locale.ROOT), value));
    }
    return measures;
  }

  @Override
  public String summary() {
    return parts.stream().map(DetectionScore::summary).collect(Collectors.joining("; "));
  }

  private static String summary(Part part) {
    CocoResults results = part.results();
    return "%sAP %s, AP50 %s, AP75 %s"
        .formatted(
            results.type() == IouType.SEGM ? "masks " : "",
            text(results, CocoMetric.AP),
            text(results, CocoMetric.AP50),
            text(results, CocoMetric.AP75));
  }

  private static String text(CocoResults results, CocoMetric metric) {
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
    return parts.stream().map(part -> ReportSection.detection(names, part.results())).toList();
  }

  /** The measures by name, and the number of pictures. */
  @Override
  public String json() {
    Map<String, Number> all = new LinkedHashMap<>();
    all.put("pictures", samples());
    all.putAll(measures());
    return text(all);
  }

  private static String text(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A list of texts: scores and match flags, some thirty characters for each found object. */
  @Override
  public String encode() {
    return text(parts.stream().map(part -> part.evaluator().toBytes()).toList());
  }

  private static List<CocoEvaluator> decode(String share) {
    try {
      byte[][] parts = JSON.readValue(share, byte[][].class);
      if (parts == null || parts.length == 0 || Arrays.asList(parts).contains(null)) {
        throw new IllegalArgumentException("not detection results: nothing measured");
      }
      return new ArrayList<>(Arrays.stream(parts).map(CocoEvaluator::fromBytes).toList());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not detection results: no list of texts", e);
    }
  }
}
