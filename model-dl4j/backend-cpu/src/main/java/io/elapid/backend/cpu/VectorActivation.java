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
      Tensor wide = end(x, 0);
      Tensor out = end(y, 0);
      ActivationRows.plain(WIDTH).map(kind, wide.bytes(), 0, 0, 1, out.bytes());
      copy(out, y, 0);
      return;
    }
    Pieces.forEach(
        workers,
        x.size(),
        (from, to) -> ActivationRows.plain(to - from).map(kind, x.bytes(), from, 0, 1, y.bytes()));
  }

  @Override
  public void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx) {
    if (!Lanes.areFloat(dy)) {
      reference.gradient(kind, dy, saved, dx);
      return;
    }
    int whole = Lanes.bound(dy.size());
    Pieces.forEach(
        workers,
        whole,
        (from, to) -> derive(kind, dy.bytes(), saved.bytes(), dx.bytes(), from, to - from));
    if (whole < dy.size()) {
      Tensor rest = end(dx, whole);
      derive(kind, end(dy, whole).bytes(), end(saved, whole).bytes(), rest.bytes(), 0, WIDTH);
      copy(rest, dx, whole);
    }
  }

  /** A register with what lies from {@code start} on. */
  private static Tensor end(Tensor tensor, int start) {
    Tensor wide = Tensor.zeros(ElementType.FLOAT, WIDTH);
    for (int i = start; i < tensor.size(); i++) {
      Lanes.put(wide.bytes(), i - start, Lanes.get(tensor.bytes(), i));
    }
    return wide;
  }

  private static void copy(Tensor register, Tensor tensor, int start) {
    for (int i = start; i < tensor.size(); i++) {
      Lanes.put(tensor.bytes(), i, Lanes.get(register.bytes(), i - start));
    }
  }

  /** A run of whole registers. */
  private static void derive(
      ActivationKind kind, ByteBuffer dy, ByteBuffer saved, ByteBuffer dx, int start, int length) {
    switch (kind) {
      case IDENTITY -> Rows.scale(dy, start, length, 1, dx);
      case RELU -> reluGradient(dy, saved, dx, start, length);
      case SIGMOID -> sigmoidGradient(dy, saved, dx, start, length);
      case SILU, GELU -> ActivationRows.plain(length).derive(kind, dy, saved, start, dx);
    }
  }

  private static void reluGradient(
      ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int start, int length) {
    for (int i = start; i < start + length; i += WIDTH) {
      Lanes.store(Lanes.open(Lanes.load(y, i), Lanes.load(dy, i)), dx, i);
    }
  }

  private static void sigmoidGradient(
      ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int start, int length) {
    for (int i = start; i < start + length; i += WIDTH) {
      FloatVector s = Lanes.load(y, i);
      Lanes.store(Lanes.load(dy, i).mul(s.sub(s.mul(s))), dx, i);
    }
  }
}
