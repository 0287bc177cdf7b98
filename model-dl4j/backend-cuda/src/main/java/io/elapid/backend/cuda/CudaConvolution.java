package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;

/** Convolutions of floats as matrix products, see {@code convolution.cu}. */
final class CudaConvolution implements ConvolutionKernel {
  private static final String MODULE = "convolution";
  private static final int THREADS = 256;

  /** A tile of products. */
  private static final int ROWS = 64;

  private static final int COLUMNS = 128;

  /** Blocks that keep a large device busy; the same on every one, so that sums are too. */
  private static final int BLOCKS = 512;

  /** Pixels of all samples that are worth a block of their own in the gradient of the weights. */
  private static final int SHARE = 1024;

  private final Device device;
  private final ConvolutionShape shape;

  CudaConvolution(Device device, ConvolutionShape shape) {
    this.device = device;
    this.shape = shape;
  }

  /** Whether there are kernels for such convolutions. */
  static boolean covers(ConvolutionShape shape, ElementType type) {
    return type == ElementType.FLOAT && shape.batch() > 0;
  }

  /** The entry with loops and divisors of known size, where there is one. */
  private String entry(String name) {
    int size = shape.kernelHeight();
    boolean known = size == shape.kernelWidth() && (size == 1 || size == 3);
    return "convolution_" + name + "_" + (known ? size : 0);
  }

  private static int tiles(int count, int size) {
    return (count + size - 1) / size;
  }

  private Shape grid(int pixels, int rows) {
    return new Shape(
        tiles(shape.batch() * pixels, COLUMNS), tiles(rows, ROWS), shape.groups(), THREADS, 0);
  }

  @Override
  public void forward(Forward a) {
    try (Frame frame = new Frame(device, "convolution")) {
      frame.launch(
          Launch.of(
              MODULE,
              entry("forward"),
              grid(shape.outputPositions(), shape.groupOutputs()),
              ConvolutionSizes.of(shape)
                  .numbers(a.activation().code())
                  .pointers(frame.in(a.x()), frame.in(a.w()), frame.in(a.scale()))
                  .pointers(frame.in(a.shift()), frame.out(a.y()))));
      frame.finish();
    }
  }

  @Override
  public void inputGradient(InputGradient a) {
    try (Frame frame = new Frame(device, "input gradient of convolution")) {
      frame.launch(
          Launch.of(
              MODULE,
              entry("input_gradient"),
              grid(shape.positions(), shape.groupChannels()),
              ConvolutionSizes.of(shape)
                  .pointers(frame.in(a.dy()), frame.in(a.w()), frame.out(a.dx()))));
      frame.finish();
    }
  }

  @Override
  public void weightGradient(WeightGradient a) {
    try (Frame frame = new Frame(device, "weight gradient of convolution")) {
      long dy = frame.in(a.dy());
      int columns = tiles(shape.taps(), COLUMNS);
      int rows = tiles(shape.groupOutputs(), ROWS) * shape.groups();
      int most = tiles(shape.batch() * shape.outputPositions(), SHARE);
      int shares = Math.max(1, Math.min(most, BLOCKS / (columns * rows)));
      long dw = frame.out(a.dw());
      long parts = shares == 1 ? dw : frame.scratch((long) shares * a.dw().size());
      frame.launch(
          Launch.of(
              MODULE,
              entry("weight_gradient"),
              new Shape(columns, rows, shares, THREADS, 0),
              ConvolutionSizes.of(shape).pointers(dy, frame.in(a.x()), parts)));
      if (shares > 1) {
        frame.sumSlices(parts, shares, a.dw().size(), dw);
      }
      if (a.dbias().isPresent()) {
        ChannelMaps maps = new ChannelMaps(shape.batch(), shape.outputs(), shape.outputPositions());
        long sums = frame.scratch((long) maps.shares() * maps.channels());
        frame.launch(
            Launch.of(
                MODULE,
                "convolution_bias_gradient",
                maps.byChannel(),
                maps.arguments().pointers(dy, sums)));
        frame.sumSlices(sums, maps.shares(), maps.channels(), frame.out(a.dbias()));
      }
      frame.finish();
    }
  }
}
