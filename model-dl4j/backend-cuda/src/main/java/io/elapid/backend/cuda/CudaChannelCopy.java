package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.Tensor;
import java.util.List;

/** Moves blocks of channels of floats, see {@code channel_copy.cu}. */
final class CudaChannelCopy implements ChannelCopyKernel {
  private final Device device;
  private final ChannelCopyKernel host;

  CudaChannelCopy(Device device, ChannelCopyKernel host) {
    this.device = device;
    this.host = host;
  }

  /** The arguments without the addresses, where the block that a part is lies in the whole. */
  private static Arguments arguments(Tensor part, int[] source, int[] target) {
    return new Arguments().numbers(part.size(), part.sizeFrom(1)).struct(source).struct(target);
  }

  private static void launch(Frame frame, Tensor part, Arguments arguments) {
    if (part.size() > 0) {
      frame.launch(Launch.of("channel_copy", Shape.elements(part.size()), arguments));
    }
  }

  /** The struct Block. */
  private static int[] block(int start, Tensor of) {
    return new int[] {start, of.sizeFrom(1)};
  }

  @Override
  public void split(Tensor whole, List<Tensor> parts) {
    if (!Frame.takes(whole)) {
      host.split(whole, parts);
      return;
    }
    try (Frame frame = new Frame(device, "channel split")) {
      long from = frame.in(whole);
      int start = 0;
      for (Tensor part : parts) {
        if (part.size() > 0) {
          Arguments arguments = arguments(part, block(start, whole), block(0, part));
          launch(frame, part, arguments.pointers(from, frame.out(part)));
          start += part.sizeFrom(1);
        }
      }
      frame.finish();
    }
  }

  @Override
  public void concatenate(List<Tensor> parts, Tensor whole) {
    if (!Frame.takes(whole)) {
      host.concatenate(parts, whole);
      return;
    }
    try (Frame frame = new Frame(device, "channel concatenation")) {
      long to = frame.out(whole);
      int start = 0;
      for (Tensor part : parts) {
        if (part.size() > 0) {
          Arguments arguments = arguments(part, block(0, part), block(start, whole));
          launch(frame, part, arguments.pointers(frame.in(part), to));
          start += part.sizeFrom(1);
        }
      }
      frame.finish();
    }
  }
}
