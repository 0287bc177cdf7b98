package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ResampleKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;

/** Maps of floats of another size, see {@code resample.cu}. */
final class CudaResample implements ResampleKernel {
  private final Device device;
  private final ResampleKernel host;

  /** Sizes of the maps on both sides of a launch. */
  private record Sizes(int maps, int rows, int columns, int toRows, int toColumns) {
    static Sizes of(Tensor x, Tensor y) {
      return new Sizes(x.dim(0) * x.dim(1), x.dim(2), x.dim(3), y.dim(2), y.dim(3));
    }

    /** Of rows only, to or from maps with the rows of y and the columns of x. */
    Sizes ofRows() {
      return new Sizes(maps, rows, columns, toRows, columns);
    }

    /** Of columns only, from those maps on. */
    Sizes ofColumns() {
      return new Sizes(maps, toRows, columns, toRows, toColumns);
    }

    long between() {
      return (long) maps * toRows * columns;
    }

    Launch launch(String name, Resampling rule, Shape shape, long from, long to) {
      return Launch.of(
          "resample",
          name,
          shape,
          new Arguments()
              .struct(code(rule), maps, rows, columns, toRows, toColumns)
              .pointers(from, to));
    }

    Launch forward(Resampling rule, long x, long y) {
      Shape shape = Shape.elements((long) maps * toRows * toColumns);
      return launch("resample_forward", rule, shape, x, y);
    }

    Launch gradient(Resampling rule, long dy, long dx) {
      Shape shape = Shape.elements((long) maps * rows * columns);
      return launch("resample_gradient", rule, shape, dy, dx);
    }
  }

  CudaResample(Device device, ResampleKernel host) {
    this.device = device;
    this.host = host;
  }

  private static int code(Resampling rule) {
    return switch (rule) {
      case LINEAR -> 0;
      case LINEAR_CORNERS -> 1;
      case NEAREST -> 2;
      case EVERY_SECOND -> 3;
      case MEAN -> 4;
    };
  }

  private static boolean covers(Tensor x, Tensor y) {
    return Frame.takes(x) && covers(x.dim(2), y.dim(2)) && covers(x.dim(3), y.dim(3));
  }

  /** Whether the kernels' whole numbers do not overflow. */
  private static boolean covers(int from, int to) {
    return 2L * from * (to + 1L) <= Integer.MAX_VALUE;
  }

  /** Whether a map has at least as many rows and columns. */
  private static boolean isLarger(Tensor map, Tensor other) {
    return map.dim(2) >= other.dim(2) && map.dim(3) >= other.dim(3);
  }

  @Override
  public void forward(Tensor x, Resampling rule, Tensor y) {
    if (!covers(x, y)) {
      host.forward(x, rule, y);
      return;
    }
    try (Frame frame = new Frame(device, "resampling")) {
      Sizes sizes = Sizes.of(x, y);
      long from = frame.in(x);
      long to = frame.out(y);
      // means over many pixels: rows and columns one after the other, by more threads
      if (rule == Resampling.MEAN && isLarger(x, y)) {
        long between = frame.scratch(sizes.between());
        frame.launch(sizes.ofRows().forward(rule, from, between));
        frame.launch(sizes.ofColumns().forward(rule, between, to));
      } else {
        frame.launch(sizes.forward(rule, from, to));
      }
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Resampling rule, Tensor dx) {
    if (!covers(dx, dy)) {
      host.gradient(dy, rule, dx);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of resampling")) {
      Sizes sizes = Sizes.of(dx, dy);
      long from = frame.in(dy);
      long to = frame.out(dx);
      // a pixel is in many: as above; of every second pixel none is
      if (rule != Resampling.EVERY_SECOND && isLarger(dy, dx)) {
        long between = frame.scratch(sizes.between());
        frame.launch(sizes.ofColumns().gradient(rule, from, between));
        frame.launch(sizes.ofRows().gradient(rule, between, to));
      } else {
        frame.launch(sizes.gradient(rule, from, to));
      }
      frame.finish();
    }
  }
}
