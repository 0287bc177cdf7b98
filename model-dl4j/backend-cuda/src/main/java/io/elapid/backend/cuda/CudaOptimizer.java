package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Passes over vectors of floats, see {@code optimizer.cu}. */
final class CudaOptimizer implements OptimizerKernel {
  private static final String MODULE = "optimizer";
  private static final int THREADS = 256;
  private static final int SQUARE_BLOCKS = 128;

  private final Device device;
  private final OptimizerKernel host;

  CudaOptimizer(Device device, OptimizerKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void adamW(Vectors vectors, List<Range> ranges, Coefficients c) {
    Tensor parameters = vectors.parameters();
    if (!Frame.takes(parameters)) {
      host.adamW(vectors, ranges, c);
      return;
    }
    if (ranges.isEmpty()) {
      return;
    }
    try (Frame frame = new Frame(device, "AdamW")) {
      ByteBuffer bounds = buffer(ranges.size() * 2 * Integer.BYTES);
      ByteBuffer factors = buffer(ranges.size() * 2 * Float.BYTES);
      for (Range range : ranges) {
        bounds.putInt(range.from()).putInt(range.to());
        factors.putFloat((float) range.keep()).putFloat((float) range.rate());
      }
      frame.launch(
          Launch.of(
              MODULE,
              "adam_w",
              Shape.elements(parameters.size()),
              new Arguments()
                  .floats(
                      (float) c.gradient(),
                      (float) c.beta1(),
                      (float) c.beta2(),
                      (float) c.step(),
                      (float) c.root(),
                      (float) c.epsilon(),
                      (float) c.average())
                  .numbers(parameters.size(), ranges.size())
                  .pointers(frame.in(bounds.flip()), frame.in(factors.flip()))
                  .pointers(frame.in(vectors.gradients()), frame.inOut(parameters))
                  .pointers(frame.inOut(vectors.firstMoment()))
                  .pointers(frame.inOut(vectors.secondMoment()))
                  .pointers(vectors.average().map(frame::inOut).orElse(0L))));
      frame.finish();
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public double squares(Tensor x) {
    if (!Frame.takes(x)) {
      return host.squares(x);
    }
    Tensor sum = Tensor.zeros(ElementType.DOUBLE, 1);
    try (Frame frame = new Frame(device, "sum of squares")) {
      long parts = frame.scratch(2L * SQUARE_BLOCKS);
      frame.launch(
          Launch.of(
              MODULE,
              "square_parts",
              new Shape(SQUARE_BLOCKS, 1, 1, THREADS, 0),
              new Arguments().numbers(x.size()).pointers(frame.in(x), parts)));
      frame.launch(
          Launch.of(
              MODULE,
              "square_sum",
              new Shape(1, 1, 1, 1, 0),
              new Arguments().numbers(SQUARE_BLOCKS).pointers(parts, frame.out(sum))));
      frame.finish();
    }
    return sum.at(0);
  }

  @Override
  public void clipUnits(Tensor parameters, Tensor gradients, List<Units> units, UnitClip clip) {
    if (!Frame.takes(parameters)) {
      host.clipUnits(parameters, gradients, units, clip);
      return;
    }
    try (Frame frame = new Frame(device, "clipping of units")) {
      long from = frame.in(parameters);
      long to = frame.inOut(gradients);
      for (Units some : units) {
        frame.launch(
            Launch.of(
                MODULE,
                "clip_units",
                new Shape(some.count(), 1, 1, THREADS, 0),
                new Arguments()
                    .numbers(some.from(), some.length())
                    .number((float) clip.gradient())
                    .number((float) clip.factor())
                    .number((float) clip.floor())
                    .pointers(from, to)));
      }
      frame.finish();
    }
  }

  @Override
  public void blend(Tensor y, double keep, Tensor x, double take) {
    if (!Frame.takes(y)) {
      host.blend(y, keep, x, take);
      return;
    }
    try (Frame frame = new Frame(device, "blend")) {
      frame.launch(
          Launch.of(
              MODULE,
              "vector_blend",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size())
                  .number((float) keep)
                  .number((float) take)
                  .pointers(frame.in(x), frame.inOut(y))));
      frame.finish();
    }
  }

  @Override
  public void scale(Tensor x, double factor, Tensor y) {
    if (!Frame.takes(x)) {
      host.scale(x, factor, y);
      return;
    }
    try (Frame frame = new Frame(device, "scaling")) {
      frame.launch(
          Launch.of(
              MODULE,
              "vector_scale",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size())
                  .number((float) factor)
                  .pointers(frame.in(x), frame.out(y))));
      frame.finish();
    }
  }
}
