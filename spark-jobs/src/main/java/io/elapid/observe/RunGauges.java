package io.elapid.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The latest numbers of a run; what is not known yet is NaN. Seconds are those of rank 0 since the
 * attempt began, shares those of its time since the report before.
 *
 * @param start how the attempt began
 * @param step the last report of training in it
 * @param before the report before that
 * @param validation the last evaluation's measure
 */
public record RunGauges(JsonNode start, JsonNode step, JsonNode before, double validation) {
  private static final JsonNode NOTHING = MissingNode.getInstance();

  static final RunGauges NONE = new RunGauges(NOTHING, NOTHING, NOTHING, Double.NaN);

  /** Each number by the name that metrics systems know it by, and how it is found. */
  public static Map<String, ToDoubleFunction<RunGauges>> byName() {
    Map<String, ToDoubleFunction<RunGauges>> named = new LinkedHashMap<>();
    named.put("ranks", gauges -> number(gauges.start, "ranks"));
    named.put("step", RunGauges::done);
    named.put("total_steps", gauges -> number(gauges.start, "total_steps"));
    named.put("epoch", gauges -> number(gauges.step, "epoch"));
    named.put("loss", RunGauges::loss);
    named.put("learning_rate", gauges -> number(gauges.step, "lr"));
    named.put("gradient_norm", gauges -> number(gauges.step, "grad_norm"));
    named.put("samples_per_second", RunGauges::samplesPerSecond);
    named.put("validation", RunGauges::validation);
    named.put("sync_share", RunGauges::syncShare);
    named.put("sync_seconds", gauges -> seconds(gauges.step, Attempt.Activity.SYNC));
    named.put("loader_wait_share", RunGauges::loaderWaitShare);
    named.put("loader_wait_seconds", gauges -> seconds(gauges.step, Attempt.Activity.DATA));
    return named;
  }

  /** Updates done. */
  double done() {
    return (step.isMissingNode() ? start : step).path("step").asDouble(0);
  }

  double totalSteps() {
    return number(start, "total_steps");
  }

  double loss() {
    return number(step, "loss");
  }

  double samplesPerSecond() {
    return number(step, "samples_per_second");
  }

  /** Share of recent time that went into exchange with other ranks. */
  double syncShare() {
    return share(Attempt.Activity.SYNC);
  }

  /** Share of recent time that was spent waiting for samples. */
  double loaderWaitShare() {
    return share(Attempt.Activity.DATA);
  }

  RunGauges started(JsonNode event) {
    return new RunGauges(event, NOTHING, NOTHING, validation);
  }

  RunGauges stepped(JsonNode event) {
    return new RunGauges(start, event, step, validation);
  }

  RunGauges evaluated(double measure) {
    return new RunGauges(start, step, before, measure);
  }

  private double share(Attempt.Activity activity) {
    double total =
        recent(Attempt.Activity.DATA)
            + recent(Attempt.Activity.COMPUTE)
            + recent(Attempt.Activity.SYNC)
            + recent(Attempt.Activity.UPDATE);
    return total > 0 ? recent(activity) / total : Double.NaN;
  }

  private double recent(Attempt.Activity activity) {
    return seconds(step, activity) - seconds(before, activity);
  }

  private static double seconds(JsonNode report, Attempt.Activity activity) {
    return report.path(activity.field()).asDouble(0);
  }

  // JSON has no NaN: it is written as text
  private static double number(JsonNode event, String field) {
    return event.path(field).asDouble(Double.NaN);
  }
}
