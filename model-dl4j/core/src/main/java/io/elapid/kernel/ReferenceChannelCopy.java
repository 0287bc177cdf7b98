package io.elapid.kernel;

import java.util.List;

final class ReferenceChannelCopy implements ChannelCopyKernel {
  @Override
  public void split(Tensor whole, List<Tensor> parts) {
    int start = 0;
    for (Tensor part : parts) {
      for (int i = 0; i < part.size(); i++) {
        part.put(i, whole.at(index(whole, part, start, i)));
      }
      start += part.sizeFrom(1);
    }
  }

  @Override
  public void concatenate(List<Tensor> parts, Tensor whole) {
    int start = 0;
    for (Tensor part : parts) {
      for (int i = 0; i < part.size(); i++) {
        whole.put(index(whole, part, start, i), part.at(i));
      }
      start += part.sizeFrom(1);
    }
  }

  /** Where element {@code i} of a part lies in the whole, of whose samples it starts at start. */
  private static int index(Tensor whole, Tensor part, int start, int i) {
    return i / part.sizeFrom(1) * whole.sizeFrom(1) + start + i % part.sizeFrom(1);
  }
}
