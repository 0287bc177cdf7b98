package io.elapid.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.loader.Batch;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;

/** Batches as the loader hands them out. */
final class Batches {
  private Batches() {}

  static Batch of(Golden golden, Frame input, JsonNode labels) {
    int[] classes = Arrays.stream(Goldens.longs(labels)).mapToInt(Math::toIntExact).toArray();
    int pixels = 3 * input.batch() * input.height() * input.width();
    return of(
        golden.filler().input("input", pixels),
        input.height(),
        classes,
        new long[classes.length],
        1000);
  }

  /** Noise of its own for every seed. */
  static Batch noise(long seed, int size, int side, int classes) {
    int[] labels = new int[size];
    Arrays.setAll(labels, i -> (int) ((i + seed) % classes));
    float[] images = new Filler(seed).input("images", 3 * size * side * side);
    long[] seeds = new long[size];
    Arrays.setAll(seeds, i -> seed * size + i);
    return of(images, side, labels, seeds, classes);
  }

  private static Batch of(float[] images, int side, int[] labels, long[] seeds, int classes) {
    ByteBuffer pixels = floats(images.length);
    pixels.asFloatBuffer().put(images);
    ByteBuffer targets = floats(labels.length * classes);
    for (int i = 0; i < labels.length; i++) {
      targets.asFloatBuffer().put(i * classes + labels[i], 1);
    }
    return new Batch(
        pixels,
        targets,
        labels,
        Collections.nCopies(labels.length, "sample"),
        seeds,
        labels.length,
        labels.length,
        side,
        classes);
  }

  private static ByteBuffer floats(int length) {
    return ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder());
  }
}
