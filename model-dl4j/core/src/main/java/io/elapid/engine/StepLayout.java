package io.elapid.engine;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a shard contributes to a step, as one vector that can be summed over shards: gradients in
 * the order of the parameters, the batch's statistics in the order of the buffers, then loss,
 * {@linkplain Figure figures}, number of samples.
 *
 * @param gradients elements of all parameters
 * @param statistics elements of all buffers
 */
record StepLayout(long gradients, long statistics, List<Figure> figures) {
  StepLayout {
    figures = List.copyOf(figures);
  }

  int loss() {
    return Math.toIntExact(gradients + statistics);
  }

  /**
   * Where that figure is.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  int figure(String name) {
    for (int i = 0; i < figures.size(); i++) {
      if (figures.get(i).name().equals(name)) {
        return loss() + 1 + i;
      }
    }
    throw new IllegalArgumentException("no figure '%s' in %s".formatted(name, figures));
  }

  int samples() {
    return loss() + 1 + figures.size();
  }

  int length() {
    return samples() + 1;
  }

  /** Means of a sum over so many shards. */
  StepStats stats(FloatBuffer sum, int shards, double gradNorm) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (Figure figure : figures) {
      double divisor =
          switch (figure.mean()) {
            case SHARDS -> shards;
            case SAMPLES -> sum.get(samples());
          };
      means.put(figure.name(), sum.get(figure(figure.name())) / divisor);
    }
    return new StepStats(sum.get(loss()) / shards, means, gradNorm);
  }
}
