package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.SiluGateKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Elementwise, in whole registers; what is left over at the end is done one by one. */
record VectorSiluGate(Workers workers, SiluGateKernel reference) implements SiluGateKernel {
  @Override
  public void forward(Tensor y, Tensor z, Tensor out) {
    if (!Lanes.areFloat(y)) {
      reference.forward(y, z, out);
      return;
    }
    ByteBuffer from = y.bytes();
    Pieces.forEach(
        workers,
        Lanes.bound(y.size()),
        (first, end) -> gate(from, z.bytes(), out.bytes(), first, end));
    for (int i = Lanes.bound(y.size()); i < y.size(); i++) {
      float gate = Lanes.get(z.bytes(), i);
      Lanes.put(out.bytes(), i, Lanes.get(from, i) * (gate * Lanes.sigmoid(gate)));
    }
  }

  private static void gate(ByteBuffer y, ByteBuffer z, ByteBuffer out, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector gate = Lanes.load(z, i);
      Lanes.store(Lanes.load(y, i).mul(gate.mul(Lanes.sigmoid(gate))), out, i);
    }
  }

  @Override
  public void gradient(Tensor dout, Tensor y, Tensor z, Tensor dy, Tensor dz) {
    if (!Lanes.areFloat(y)) {
      reference.gradient(dout, y, z, dy, dz);
      return;
    }
    // The derivative in y is the same gate again. In one loop, the two are too much for the
    // compiler, which then leaves vectors on the heap.
    forward(dout, z, dy);
    ByteBuffer g = dout.bytes();
    Pieces.forEach(
        workers,
        Lanes.bound(y.size()),
        (first, end) -> derive(g, y.bytes(), z.bytes(), dz.bytes(), first, end));
    for (int i = Lanes.bound(y.size()); i < y.size(); i++) {
      float zi = Lanes.get(z.bytes(), i);
      float s = Lanes.sigmoid(zi);
      float zs = zi * s;
      Lanes.put(dz.bytes(), i, Lanes.get(g, i) * Lanes.get(y.bytes(), i) * (s + zs - zs * s));
    }
  }

  /** {@code silu' = s (1 + z (1 - s)) = s + zs - zs s}. */
  private static void derive(
      ByteBuffer dout, ByteBuffer y, ByteBuffer z, ByteBuffer dz, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector zi = Lanes.load(z, i);
      FloatVector s = Lanes.sigmoid(zi);
      FloatVector zs = zi.mul(s);
      FloatVector g = Lanes.load(dout, i).mul(Lanes.load(y, i));
      Lanes.store(g.mul(s.add(zs).sub(zs.mul(s))), dz, i);
    }
  }
}
