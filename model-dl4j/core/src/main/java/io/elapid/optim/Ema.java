package io.elapid.optim;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/**
 * Exponential moving average of weights: {@code average = decay * average + (1 - decay) * model}.
 *
 * <p>As in timm, running statistics are averaged like parameters, and there is no bias correction:
 * the average starts as a copy of the model.
 */
public record Ema(double decay) {
  public Ema {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("EMA decay must lie in [0, 1) but is " + decay);
    }
  }

  /** Moves {@code average} towards {@code model} in place. */
  public void update(FlatVector average, FlatVector model) {
    FlatVector.requireAlike(average, model);
    if (average instanceof FlatVector.Floats floats) {
      update(floats.values(), ((FlatVector.Floats) model).values());
    } else {
      update(((FlatVector.Doubles) average).values(), ((FlatVector.Doubles) model).values());
    }
  }

  private void update(FloatBuffer average, FloatBuffer model) {
    float keep = (float) decay;
    float take = (float) (1 - decay);
    int length = average.limit();
    for (int i = 0; i < length; i++) {
      average.put(i, keep * average.get(i) + take * model.get(i));
    }
  }

  private void update(DoubleBuffer average, DoubleBuffer model) {
    int length = average.limit();
    for (int i = 0; i < length; i++) {
      average.put(i, decay * average.get(i) + (1 - decay) * model.get(i));
    }
  }
}
