package io.elapid.task.evaluation;

import io.elapid.task.evaluation.CocoResults.ClassResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** From matches in single pictures to precisions and recalls of the whole set. */
final class CocoAccumulator {
  private static final AreaRange[] RANGES = AreaRange.values();
  private static final int AP50 = 0;
  private static final int AP75 = 5;

  private final CocoEvaluator evaluator;
  private final DetectionLimits limits;
  private final ClassCurves[][][] curves;

  CocoAccumulator(CocoEvaluator evaluator, DetectionLimits limits) {
    this.evaluator = evaluator;
    this.limits = limits;
    this.curves = new ClassCurves[evaluator.groups()][][];
  }

  CocoResults results() {
    List<List<ClassMatches>> byClass = new ArrayList<>();
    for (int k = 0; k < curves.length; k++) {
      byClass.add(new ArrayList<>());
    }
    // By rising id of the pictures: equal scores keep this order.
    evaluator.pictures().values().forEach(p -> p.forEach(m -> byClass.get(m.label()).add(m)));
    for (int k = 0; k < curves.length; k++) {
      curves[k] = curves(byClass.get(k));
    }
    List<ClassResult> classes = new ArrayList<>();
    for (int k = 0; k < curves.length; k++) {
      classes.add(classResult(byClass.get(k), at(k, AreaRange.ALL, DetectionLimits.COUNT - 1)));
    }
    return new CocoResults(evaluator.type(), limits, evaluator.count(), numbers(), classes);
  }

  private ClassCurves[][] curves(List<ClassMatches> matches) {
    RankedMatches ranked = RankedMatches.of(matches);
    ClassCurves[][] all = new ClassCurves[AreaRange.COUNT][DetectionLimits.COUNT];
    for (AreaRange range : RANGES) {
      for (int m = 0; m < DetectionLimits.COUNT; m++) {
        all[range.index()][m] = ClassCurves.of(ranked, range, limits.limit(m));
      }
    }
    return all;
  }

  private ClassCurves at(int k, AreaRange range, int limit) {
    return curves[k][range.index()][limit];
  }

  private Map<CocoMetric, Double> numbers() {
    int last = DetectionLimits.COUNT - 1;
    Map<CocoMetric, Double> numbers = new EnumMap<>(CocoMetric.class);
    numbers.put(CocoMetric.AP, precision(AreaRange.ALL, limits.indexOfAp(), 0, Thresholds.IOUS));
    numbers.put(CocoMetric.AP50, precision(AreaRange.ALL, last, AP50, AP50 + 1));
    numbers.put(CocoMetric.AP75, precision(AreaRange.ALL, last, AP75, AP75 + 1));
    numbers.put(CocoMetric.AP_SMALL, precision(AreaRange.SMALL, last, 0, Thresholds.IOUS));
    numbers.put(CocoMetric.AP_MEDIUM, precision(AreaRange.MEDIUM, last, 0, Thresholds.IOUS));
    numbers.put(CocoMetric.AP_LARGE, precision(AreaRange.LARGE, last, 0, Thresholds.IOUS));
    numbers.put(CocoMetric.AR_FIRST, recall(AreaRange.ALL, 0));
    numbers.put(CocoMetric.AR_SECOND, recall(AreaRange.ALL, 1));
    numbers.put(CocoMetric.AR_THIRD, recall(AreaRange.ALL, last));
    numbers.put(CocoMetric.AR_SMALL, recall(AreaRange.SMALL, last));
    numbers.put(CocoMetric.AR_MEDIUM, recall(AreaRange.MEDIUM, last));
    numbers.put(CocoMetric.AR_LARGE, recall(AreaRange.LARGE, last));
    return numbers;
  }

  private double precision(AreaRange range, int limit, int fromIou, int toIou) {
    PresentMean mean = new PresentMean();
    for (int k = 0; k < curves.length; k++) {
      for (int t = fromIou; t < toIou; t++) {
        mean.add(at(k, range, limit).precision()[t]);
      }
    }
    return mean.value();
  }

  private double recall(AreaRange range, int limit) {
    PresentMean mean = new PresentMean();
    for (int k = 0; k < curves.length; k++) {
      mean.add(at(k, range, limit).recall());
    }
    return mean.value();
  }

  private static ClassResult classResult(List<ClassMatches> matches, ClassCurves curves) {
    double[] perIou = new double[Thresholds.IOUS];
    PresentMean all = new PresentMean();
    for (int t = 0; t < perIou.length; t++) {
      PresentMean mean = new PresentMean();
      mean.add(curves.precision()[t]);
      all.add(curves.precision()[t]);
      perIou[t] = mean.value();
    }
    long objects = matches.stream().mapToLong(m -> m.wanted()[AreaRange.ALL.index()]).sum();
    return new ClassResult(objects, all.value(), perIou, curves.recall(), curves.precision());
  }

  /** The mean of values that say something; {@link CocoResults#ABSENT} if there are none. */
  private static final class PresentMean {
    private double sum;
    private long count;

    void add(double[] values) {
      Arrays.stream(values)
          .filter(v -> v > CocoResults.ABSENT)
          .forEach(
              v -> {
                sum += v;
                count++;
              });
    }

    double value() {
      return count == 0 ? CocoResults.ABSENT : sum / count;
    }
  }
}
