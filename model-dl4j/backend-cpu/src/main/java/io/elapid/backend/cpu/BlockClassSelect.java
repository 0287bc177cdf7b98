package io.elapid.backend.cpu;

import io.elapid.kernel.ClassSelectKernel;
import io.elapid.kernel.Labels;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;

/** Copies the blocks of memory that the parts are. */
record BlockClassSelect(Workers workers, ClassSelectKernel reference) implements ClassSelectKernel {
  @Override
  public void forward(Tensor x, Tensor labels, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, labels, y);
      return;
    }
    int part = y.sizeFrom(1);
    int classes = x.sizeFrom(1) / part;
    int[] chosen = chosen(labels, classes);
    workers.forEach(
        chosen.length,
        part,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            if (chosen[row] < 0) {
              float none = Double.isNaN(labels.at(row)) ? Float.NaN : 0;
              Rows.fill(y.bytes(), row * part, part, none);
            } else {
              copy(x.bytes(), (row * classes + chosen[row]) * part, y.bytes(), row * part, part);
            }
          }
        });
  }

  @Override
  public void gradient(Tensor dy, Tensor labels, Tensor dx) {
    if (!Lanes.areFloat(dx)) {
      reference.gradient(dy, labels, dx);
      return;
    }
    int part = dy.sizeFrom(1);
    int classes = dx.sizeFrom(1) / part;
    int[] chosen = chosen(labels, classes);
    workers.forEach(
        chosen.length,
        (long) part * classes,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            Rows.fill(dx.bytes(), row * classes * part, classes * part, 0);
            if (chosen[row] >= 0) {
              copy(dy.bytes(), row * part, dx.bytes(), (row * classes + chosen[row]) * part, part);
            }
          }
        });
  }

  /** All labels, so that a wrong one is found before work is shared. */
  private static int[] chosen(Tensor labels, int classes) {
    int[] chosen = new int[labels.size()];
    for (int row = 0; row < chosen.length; row++) {
      chosen[row] = Labels.orNone(labels, row, classes);
    }
    return chosen;
  }

  private static void copy(ByteBuffer from, int at, ByteBuffer to, int start, int count) {
    to.put(start * Float.BYTES, from, at * Float.BYTES, count * Float.BYTES);
  }
}
