package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;

/** Convolutions of floats, each channel on its own, see {@code depthwise.cu}. */
final class CudaDepthwise implements ConvolutionKernel {
  private static final String MODULE = "depthwise";
  private static final int THREADS = 256;

  /** Pixels of a channel that are worth a block of their own. */
  private static final int SHARE = 8192;

  private final Device device;
  private final ConvolutionShape shape;

  CudaDepthwise(Device device, ConvolutionShape shape) {
    this.device = device;
    this.shape = shape;
  }

  /** Whether there are kernels for such convolutions. */
  static boolean covers(ConvolutionShape shape, ElementType type) {
    return type == ElementType.FLOAT && shape.isDepthwise() && shape.outputs() == shape.channels();
  }

  private int unrolled() {
    int size = shape.kernelHeight();
    return size == shape.kernelWidth() && (size == 3 || size == 5 || size == 7) ? size : 0;
  }

  @Override
  public void forward(Forward a) {
    try (Frame frame = new Frame(device, "depthwise convolution")) {
      frame.launch(
          Launch.of(
              MODULE,
              "depthwise_forward_" + unrolled(),
              Shape.elements(a.y().size()),
              ConvolutionSizes.of(shape)
                  .numbers(a.activation().code())
                  .pointers(frame.in(a.x()), frame.in(a.w()), frame.in(a.scale()))
                  .pointers(frame.in(a.shift()), frame.out(a.y()))));
      frame.finish();
    }
  }

  @Override
  public void inputGradient(InputGradient a) {
    try (Frame frame = new Frame(device, "input gradient of depthwise convolution")) {
      frame.launch(
          Launch.of(
              MODULE,
              "depthwise_input_gradient",
              Shape.elements(a.dx().size()),
              ConvolutionSizes.of(shape)
                  .pointers(frame.in(a.dy()), frame.in(a.w()), frame.out(a.dx()))));
      frame.finish();
    }
  }

  @Override
  public void weightGradient(WeightGradient a) {
    try (Frame frame = new Frame(device, "weight gradient of depthwise convolution")) {
      long pixels = (long) shape.batch() * shape.outputPositions();
      int shares = (int) Math.min(shape.batch(), (pixels + SHARE - 1) / SHARE);
      int taps = shape.taps();
      long dw = frame.scratch((long) shares * a.dw().size());
      long dbias = a.dbias().isPresent() ? frame.scratch((long) shares * shape.channels()) : 0;
      frame.launch(
          Launch.of(
              MODULE,
              "depthwise_weight_gradient",
              new Shape(shape.channels(), dbias == 0 ? taps : taps + 1, shares, THREADS, 0),
              ConvolutionSizes.of(shape).pointers(frame.in(a.dy()), frame.in(a.x()), dw, dbias)));
      frame.sumSlices(dw, shares, a.dw().size(), frame.out(a.dw()));
      if (dbias != 0) {
        frame.sumSlices(dbias, shares, shape.channels(), frame.out(a.dbias()));
      }
      frame.finish();
    }
  }
}
