package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Elementwise, in whole registers; a tensor smaller than one is padded to it. */
record VectorActivation(Workers workers, ActivationKernel reference) implements ActivationKernel {
  @Override
  public void forward(ActivationKind kind, Tensor x, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(kind, x, y);
      return;
    }
    if (x.size() < WIDTH) {
      Tensor wide = padded(x);
      Tensor out = padded(y);
      ActivationRows.plain(WIDTH).map(kind, wide.bytes(), 0, 0, 1, out.bytes());
      copy(out, y);
      return;
    }
    parts(
        x.size(),
        (from, to) -> ActivationRows.plain(to - from).map(kind, x.bytes(), from, 0, 1, y.bytes()));
  }

  @Override
  public void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx) {
    if (!Lanes.areFloat(dy)) {
      reference.gradient(kind, dy, saved, dx);
      return;
    }
    if (dy.size() < WIDTH) {
      Tensor out = padded(dx);
      derive(kind, padded(dy).bytes(), padded(saved).bytes(), out.bytes(), 0, WIDTH);
      copy(out, dx);
      return;
    }
    parts(
        dy.size(),
        (from, to) -> derive(kind, dy.bytes(), saved.bytes(), dx.bytes(), from, to - from));
  }

  /** Deals out at least a register to each thread. */
  private void parts(int size, Workers.Range body) {
    int blocks = size / WIDTH;
    workers.forEach(
        blocks, WIDTH, (from, to) -> body.run(from * WIDTH, to == blocks ? size : to * WIDTH));
  }

  private static void derive(
      ActivationKind kind, ByteBuffer dy, ByteBuffer saved, ByteBuffer dx, int start, int length) {
    switch (kind) {
      case IDENTITY -> Rows.scale(dy, start, length, 1, dx);
      case RELU -> reluGradient(dy, saved, dx, start, length);
      case SIGMOID -> sigmoidGradient(dy, saved, dx, start, length);
      case SILU, GELU -> ActivationRows.plain(length).derive(kind, dy, saved, start, 0, 1, dx);
    }
  }

  private static void reluGradient(
      ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int start, int length) {
    int last = start + length - WIDTH;
    for (int k = start; k < start + length; k += WIDTH) {
      int i = Math.min(k, last);
      Lanes.store(Lanes.open(Lanes.load(y, i), Lanes.load(dy, i)), dx, i);
    }
  }

  private static void sigmoidGradient(
      ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int start, int length) {
    int last = start + length - WIDTH;
    for (int k = start; k < start + length; k += WIDTH) {
      int i = Math.min(k, last);
      FloatVector s = Lanes.load(y, i);
      Lanes.store(Lanes.load(dy, i).mul(s.sub(s.mul(s))), dx, i);
    }
  }

  private static Tensor padded(Tensor tensor) {
    Tensor wide = Tensor.zeros(ElementType.FLOAT, WIDTH);
    copyFirst(tensor, wide, tensor.size());
    return wide;
  }

  private static void copy(Tensor wide, Tensor tensor) {
    copyFirst(wide, tensor, tensor.size());
  }

  private static void copyFirst(Tensor from, Tensor to, int count) {
    for (int i = 0; i < count; i++) {
      Lanes.put(to.bytes(), i, Lanes.get(from.bytes(), i));
    }
  }
}
