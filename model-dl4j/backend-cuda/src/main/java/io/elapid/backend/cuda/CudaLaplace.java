package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Tensor;

/** Laplace pyramids of floats, see {@code laplace.cu}. */
final class CudaLaplace implements LaplaceKernel {
  private static final String MODULE = "laplace";

  private final Device device;
  private final LaplaceKernel host;

  CudaLaplace(Device device, LaplaceKernel host) {
    this.device = device;
    this.host = host;
  }

  private static int pool(Tensor full, Tensor low) {
    return full.dim(2) / low.dim(2);
  }

  /** The struct LaplaceSizes. */
  private static Arguments sizes(Tensor full, Tensor low) {
    return new Arguments().struct(low.dim(0) * low.dim(1), low.dim(2), low.dim(3), pool(full, low));
  }

  private static Launch add(Tensor full, Tensor low, float factor, long x, long lowAt, long y) {
    return Launch.of(
        MODULE,
        "laplace_add",
        Shape.elements(full.size()),
        sizes(full, low).number(factor).pointers(x, lowAt, y));
  }

  @Override
  public void split(Tensor x, Tensor low, Tensor residual) {
    if (!Frame.takes(low)) {
      host.split(x, low, residual);
      return;
    }
    try (Frame frame = new Frame(device, "split of Laplace pyramid")) {
      long from = frame.in(x);
      long pooled = frame.out(low);
      frame.launch(
          Launch.of(
              MODULE,
              "laplace_mean",
              Shape.elements(low.size()),
              sizes(x, low).pointers(from, pooled)));
      frame.launch(add(x, low, -1, from, pooled, frame.out(residual)));
      frame.finish();
    }
  }

  @Override
  public void splitGradient(Tensor dlow, Tensor dresidual, Tensor dx) {
    if (!Frame.takes(dlow)) {
      host.splitGradient(dlow, dresidual, dx);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of split of Laplace pyramid")) {
      long from = frame.in(dresidual);
      long shift = frame.scratch(dlow.size());
      frame.launch(
          Launch.of(
              MODULE,
              "laplace_shift",
              Shape.elements(dlow.size()),
              sizes(dx, dlow).pointers(frame.in(dlow), from, shift)));
      frame.launch(add(dx, dlow, 1, from, shift, frame.out(dx)));
      frame.finish();
    }
  }

  @Override
  public void merge(Tensor low, Tensor residual, Tensor y) {
    if (!Frame.takes(low)) {
      host.merge(low, residual, y);
      return;
    }
    try (Frame frame = new Frame(device, "merge of Laplace pyramid")) {
      frame.launch(
          Launch.of(
              MODULE,
              "laplace_merge",
              Shape.elements(y.size()),
              sizes(y, low).pointers(frame.in(low), frame.in(residual), frame.out(y))));
      frame.finish();
    }
  }

  @Override
  public void mergeGradient(Tensor dy, Tensor dlow) {
    if (!Frame.takes(dlow)) {
      host.mergeGradient(dy, dlow);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of merge of Laplace pyramid")) {
      int maps = dlow.dim(0) * dlow.dim(1);
      int height = dlow.dim(2);
      int width = dlow.dim(3);
      int pool = pool(dy, dlow);
      long rows = frame.scratch((long) maps * height * dy.dim(3));
      frame.launch(fold(maps, height, dy.dim(3), pool, frame.in(dy), rows));
      frame.launch(fold(maps * height, width, 1, pool, rows, frame.out(dlow)));
      frame.finish();
    }
  }

  /** Along the middle one of three dimensions. */
  private static Launch fold(int outer, int length, int inner, int pool, long from, long to) {
    return Launch.of(
        MODULE,
        "laplace_fold",
        Shape.elements((long) outer * length * inner),
        new Arguments().numbers(outer, length, inner, pool).pointers(from, to));
  }
}
