package io.elapid.backend.cuda;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Disables tests that compute on the stand-in where it cannot be built. */
public final class StandInCondition implements ExecutionCondition {
  /** Tag of such tests; those of the core's contract have {@code backend}. */
  static final String TAG = "standin";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    boolean needed = context.getTags().contains(TAG) || context.getTags().contains("backend");
    if (!needed || System.getProperty(StandInSession.GPU) != null) {
      return ConditionEvaluationResult.enabled("does not need the stand-in");
    }
    return StandIn.obstacle()
        .map(ConditionEvaluationResult::disabled)
        .orElseGet(() -> ConditionEvaluationResult.enabled("the stand-in can be built"));
  }
}
