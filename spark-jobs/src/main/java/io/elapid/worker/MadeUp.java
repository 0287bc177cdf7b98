package io.elapid.worker;

import io.elapid.data.loader.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Random;

/** Pictures of nothing. */
final class MadeUp {

  private MadeUp() {}

  /** Noise with a label each, a function of the seed. */
  static Batch batch(long seed, int samples, int side, int classes) {
    Random random = new Random(seed);
    ByteBuffer images = floats(samples * 3 * side * side);
    FloatBuffer pixels = images.asFloatBuffer();
    while (pixels.hasRemaining()) {
      pixels.put((float) random.nextGaussian());
    }
    ByteBuffer targets = floats(samples * classes);
    int[] labels = random.ints(samples, 0, classes).toArray();
    for (int row = 0; row < samples; row++) {
      targets.asFloatBuffer().put(row * classes + labels[row], 1);
    }
    return new Batch(
        images,
        targets,
        labels,
        Collections.nCopies(samples, "made up"),
        new long[samples],
        samples,
        samples,
        side,
        classes);
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }
}
