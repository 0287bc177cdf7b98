package io.elapid.worker;

import io.elapid.config.Recipe;
import java.time.Duration;

/**
 * How long a rank may stay in a phase. Where something else keeps a deadline of its own, and knows
 * better what it waited for, it gets {@link #HEAD_START} to say so.
 */
final class PhaseLimits {
  private static final Duration HEAD_START = Duration.ofSeconds(5);

  private final Recipe recipe;

  PhaseLimits(Recipe recipe) {
    this.recipe = recipe;
  }

  Duration of(Phase phase) {
    return switch (phase) {
      case START, MEET -> recipe.cluster().connectTimeout().plus(HEAD_START);
      case RESTORE, CHECKPOINT -> recipe.checkpoint().timeout().plus(HEAD_START);
      case DATA -> recipe.data().timeout().plus(HEAD_START);
      case SYNC -> recipe.cluster().stepTimeout().plus(HEAD_START);
      case COMPUTE, UPDATE -> recipe.cluster().stepTimeout();
      case EVALUATE -> recipe.evaluation().timeout();
    };
  }

  /** The key of the recipe that the limit comes from. */
  String setting(Phase phase) {
    return switch (phase) {
      case START, MEET -> "cluster.connect-timeout";
      case RESTORE, CHECKPOINT -> "checkpoint.timeout";
      case DATA -> "data.timeout";
      case SYNC, COMPUTE, UPDATE -> "cluster.step-timeout";
      case EVALUATE -> "evaluation.timeout";
    };
  }
}
