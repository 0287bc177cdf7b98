package io.elapid.backend.cpu;

import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.util.List;

/**
 * A part's channels of one sample lie together: one block copy each, of any element type, which the
 * JDK does with the widest registers there are.
 */
record BlockChannelCopy(Workers workers) implements ChannelCopyKernel {
  @Override
  public void split(Tensor whole, List<Tensor> parts) {
    forEachBlock(
        whole,
        parts,
        (part, inPart, inWhole, bytes) -> part.bytes().put(inPart, whole.bytes(), inWhole, bytes));
  }

  @Override
  public void concatenate(List<Tensor> parts, Tensor whole) {
    forEachBlock(
        whole,
        parts,
        (part, inPart, inWhole, bytes) -> whole.bytes().put(inWhole, part.bytes(), inPart, bytes));
  }

  private interface Copy {
    void run(Tensor part, int inPart, int inWhole, int bytes);
  }

  private void forEachBlock(Tensor whole, List<Tensor> parts, Copy copy) {
    int sample = whole.sizeFrom(1);
    workers.forEach(
        whole.dim(0),
        sample,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            int start = b * sample * whole.type().bytes();
            for (Tensor part : parts) {
              int bytes = part.sizeFrom(1) * part.type().bytes();
              copy.run(part, b * bytes, start, bytes);
              start += bytes;
            }
          }
        });
  }
}
