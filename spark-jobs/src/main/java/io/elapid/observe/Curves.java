package io.elapid.observe;

import io.elapid.observe.LineChart.Series;
import io.elapid.observe.LineChart.Unit;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The course of training as charts. */
final class Curves {
  private Curves() {}

  static String html(RunHistory history) {
    return "<div class=\"charts\">\n"
        + new LineChart(
                "loss",
                "Loss",
                "step",
                Unit.PLAIN,
                List.of(
                    steps("training", "a", history, StepPoint::loss),
                    epochs("validation", "b", history, EpochPoint::loss)))
            .html()
        + new LineChart(
                "accuracy", "Validation accuracy", "step", Unit.PERCENT, accuracies(history))
            .html()
        + new LineChart(
                "learning-rate",
                "Learning rate",
                "step",
                Unit.PLAIN,
                List.of(steps("learning rate", "a", history, StepPoint::learningRate)))
            .html()
        + new LineChart(
                "throughput",
                "Throughput",
                "step",
                Unit.PLAIN,
                List.of(steps("samples per second", "a", history, StepPoint::samplesPerSecond)))
            .html()
        + "</div>";
  }

  private static List<Series> accuracies(RunHistory history) {
    if (history.epochs().stream().anyMatch(EpochPoint::ofObjects)) {
      return List.of(epochs("AP", "a", history, EpochPoint::precision));
    }
    return history.epochs().stream().anyMatch(EpochPoint::ofPixels)
        ? List.of(epochs("mIoU", "a", history, EpochPoint::miou))
        : List.of(
            epochs("top-1", "a", history, EpochPoint::top1),
            epochs("top-5", "b", history, EpochPoint::top5));
  }

  private static Series steps(
      String name, String style, RunHistory history, ToDoubleFunction<StepPoint> value) {
    return new Series(
        name,
        style,
        history.steps().stream().mapToDouble(point -> (double) point.step()).toArray(),
        history.steps().stream().mapToDouble(value).toArray());
  }

  private static Series epochs(
      String name, String style, RunHistory history, ToDoubleFunction<EpochPoint> value) {
    return new Series(
        name,
        style,
        history.epochs().stream().mapToDouble(point -> (double) point.step()).toArray(),
        history.epochs().stream().mapToDouble(value).toArray());
  }
}
