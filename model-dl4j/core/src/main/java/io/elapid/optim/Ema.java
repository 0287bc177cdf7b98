package io.elapid.optim;

import io.elapid.kernel.OptimizerKernel;

/**
 * Exponential moving average of weights: {@code average = decay * average + (1 - decay) * model}.
 *
 * <p>As in timm, running statistics are averaged like parameters, and there is no bias correction:
 * the average starts as a copy of the model. For parameters {@link AdamW} does it on the way.
 */
public record Ema(double decay) {
  public Ema {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("EMA decay must lie in [0, 1) but is " + decay);
    }
  }

  /** Moves {@code average} towards {@code model} in place. */
  public void update(OptimizerKernel kernel, FlatVector average, FlatVector model) {
    FlatVector.requireAlike(average, model);
    kernel.blend(average.tensor(), decay, model.tensor(), 1 - decay);
  }
}
