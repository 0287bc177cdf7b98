package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.graph.Slot;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class GradientHistogramTest {
  @Test
  void everyElementLiesBetweenTheEndsOfItsBucket() {
    float[] gradients = gradients();
    List<GradientHistogram> layers =
        GradientHistogram.of(
            List.of(slot("a.weight", 0, 2000), slot("a.bias", 2000, 10), slot("b.w", 2010, 990)),
            FloatBuffer.wrap(gradients),
            0.5);

    assertThat(layers).extracting(GradientHistogram::layer).containsExactly("a", "b");
    assertThat(layers).extracting(GradientHistogram::count).containsExactly(2010L, 990L);
    GradientHistogram a = layers.get(0);
    double sum = 0;
    double squares = 0;
    long[] found = new long[a.limits().size()];
    for (int i = 0; i < 2010; i++) {
      double value = gradients[i] * 0.5;
      sum += value;
      squares += value * value;
      int bucket = 0;
      while (value >= a.limits().get(bucket) && bucket < found.length - 1) {
        bucket++;
      }
      found[bucket]++;
    }
    assertThat(a.sum()).isEqualTo(sum);
    assertThat(a.squares()).isEqualTo(squares);
    assertThat(a.max()).isCloseTo(1.5e30, within(1e24));
    assertThat(a.limits()).isSorted().last().isEqualTo(a.max());
    assertThat(a.buckets()).containsExactly(Arrays.stream(found).boxed().toArray(Long[]::new));
  }

  private static float[] gradients() {
    Random random = new Random(1);
    float[] gradients = new float[3000];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = (float) (random.nextGaussian() * Math.exp(6 * random.nextGaussian()));
    }
    gradients[7] = 0;
    gradients[8] = 3e30f;
    return gradients;
  }

  private static Slot slot(String name, long offset, long length) {
    return new Slot(name, new long[] {length}, offset, length);
  }
}
