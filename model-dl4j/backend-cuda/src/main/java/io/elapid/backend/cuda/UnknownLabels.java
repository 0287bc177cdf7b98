package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;

/**
 * A search for labels that no class has. What it finds comes back to the CPU when the frame
 * finishes, which therefore waits for the device, wherever the labels are.
 */
final class UnknownLabels {
  private static final int THREADS = 256;

  private final Tensor counts;

  private UnknownLabels(Tensor counts) {
    this.counts = counts;
  }

  /**
   * Begins to look for labels that are neither NaN, {@code ignored}, nor one of 0 to {@code classes
   * - 1}.
   *
   * @param at where the labels are on the device
   */
  static UnknownLabels search(Frame frame, Tensor labels, long at, int classes, int ignored) {
    Tensor counts = Tensor.zeros(ElementType.FLOAT, LossShares.of(labels.size()));
    frame.launch(
        Launch.of(
            "losses",
            "unknown_labels",
            new Shape(counts.size(), 1, 1, THREADS, 0),
            new Arguments()
                .numbers(labels.size(), classes, ignored)
                .pointers(at, frame.out(counts))));
    return new UnknownLabels(counts);
  }

  /** Whether there are any, once the frame has finished. */
  boolean found() {
    for (int i = 0; i < counts.size(); i++) {
      if (counts.at(i) != 0) {
        return true;
      }
    }
    return false;
  }
}
