package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.SuppressionKernel;
import io.elapid.kernel.Tensor;
import java.util.BitSet;

/** Suppression of boxes, see {@code suppression.cu}. */
final class CudaSuppression implements SuppressionKernel {
  private static final String MODULE = "suppression";

  private static final int WORD = Long.SIZE;
  private static final int SWEEP_THREADS = 256;

  /** Of more boxes the comparisons of all pairs would take half a gigabyte. */
  private static final int MOST_BOXES = 1 << 16;

  private final Device device;
  private final SuppressionKernel host;

  CudaSuppression(Device device, SuppressionKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public BitSet keep(float[] boxes, int[] kinds, double threshold, int limit) {
    int count = kinds.length;
    if (count == 0 || count > MOST_BOXES) {
      return host.keep(boxes, kinds, threshold, limit);
    }
    int words = (count + WORD - 1) / WORD;
    int[] sizes = {count, words};
    Tensor kept = Tensor.zeros(ElementType.FLOAT, count);
    try (Frame frame = new Frame(device, "suppression of %d boxes".formatted(count))) {
      long masks = frame.scratch((long) count * words * Long.BYTES / Float.BYTES);
      frame.launch(
          Launch.of(
              MODULE,
              "suppression_masks",
              new Shape(words, words, 1, WORD, 0),
              new Arguments()
                  .struct(sizes)
                  .pointers(frame.in(Numbers.floats(boxes)), frame.in(Numbers.ints(kinds)))
                  .pointers(frame.in(Numbers.doubles(threshold)), masks)));
      frame.launch(
          Launch.of(
              MODULE,
              "suppression_sweep",
              new Shape(1, 1, 1, SWEEP_THREADS, (words + WORD) * Long.BYTES),
              new Arguments().struct(sizes).pointers(masks, frame.out(kept))));
      frame.finish();
    }
    BitSet found = new BitSet(count);
    for (int i = 0; i < count; i++) {
      found.set(i, kept.at(i) != 0);
    }
    return found;
  }
}
