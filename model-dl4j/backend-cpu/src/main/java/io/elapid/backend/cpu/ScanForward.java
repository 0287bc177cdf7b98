package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.EXP_1;
import static io.elapid.backend.cpu.ScanMath.EXP_2;
import static io.elapid.backend.cpu.ScanMath.EXP_3;
import static io.elapid.backend.cpu.ScanMath.EXP_4;
import static io.elapid.backend.cpu.ScanMath.EXP_5;
import static io.elapid.backend.cpu.ScanMath.EXP_6;
import static io.elapid.backend.cpu.ScanMath.LEAST;
import static io.elapid.backend.cpu.ScanMath.ROUND;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Scans blocks of channels forward on one thread: a register is one value of every channel of a
 * block. Chunk by chunk and block by block, first what all states share, then state by state, which
 * keeps the state in a register along the chunk.
 *
 * <p>Every loop over registers has a method to itself and calls nothing but arithmetic: a loop that
 * the compiler merges with others may leave its registers on the heap.
 */
final class ScanForward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();
  private final float[] e = new float[CHUNK * WIDTH];
  final float[] dt = new float[CHUNK * WIDTH];
  final float[] dtu = new float[CHUNK * WIDTH];
  final float[] out = new float[CHUNK * WIDTH];
  float[] b = new float[0];
  float[] c = new float[0];
  float[] state = new float[0];
  float[] us = new float[0];
  float[] ys = new float[0];

  /** One call's arguments. */
  record Call(ScanTables tables, Inputs in, Tensor y, Tensor states) {}

  /** All directions of blocks {@code first} to {@code end} of a group of a sample. */
  void blocks(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    reserve(tables, end - first);
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int to = (block - first) * tables.panel;
      ByteBuffer u = call.in().u().bytes();
      panels.gather(u, map, tables.positions, tables.lanes(block), us, to);
    }
    Arrays.fill(ys, 0, (end - first) * tables.panel, 0);
    for (int i = 0; i < tables.perGroup(); i++) {
      direction(call, sample, group * tables.perGroup() + i, first, end);
    }
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = (block - first) * tables.panel;
      ByteBuffer y = call.y().bytes();
      panels.scatter(ys, from, y, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks) {
    if (us.length < blocks * tables.panel) {
      us = new float[blocks * tables.panel];
      ys = new float[blocks * tables.panel];
    }
    if (state.length < blocks * tables.states * WIDTH) {
      state = new float[blocks * tables.states * WIDTH];
    }
    if (b.length < CHUNK * tables.states) {
      b = new float[CHUNK * tables.states];
      c = new float[CHUNK * tables.states];
    }
  }

  private void direction(Call call, int sample, int direction, int first, int end) {
    ScanTables tables = call.tables();
    Arrays.fill(state, 0, (end - first) * tables.states * WIDTH, 0);
    for (int t = 0; t < tables.steps; t += CHUNK) {
      int count = Math.min(CHUNK, tables.steps - t);
      int step = tables.step(sample, direction, t);
      ScanPanels.copy(call.in().b().bytes(), step * tables.states, count * tables.states, b);
      ScanPanels.copy(call.in().c().bytes(), step * tables.states, count * tables.states, c);
      int delta = step * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      for (int block = first; block < end; block++) {
        int states = (block - first) * tables.states * WIDTH;
        int panel = (block - first) * tables.panel;
        chunk(call, step, direction, t, block, panel, states);
        save(call, sample, direction, t, block, states);
      }
    }
  }

  private void chunk(Call call, int step, int direction, int t, int block, int panel, int states) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - t);
    int row = tables.row(direction, block);
    int place = direction * tables.steps + t;
    int delta = step * tables.channels + block * WIDTH;
    ByteBuffer steps = call.in().delta().bytes();
    if (tables.lanes(block) == WIDTH) {
      ScanMath.softplus(steps, delta, tables.channels, tables.bias, row, e, dt, count);
    } else {
      panels.few(steps, delta, tables.channels, tables.lanes(block), count);
      ScanMath.softplus(panels.rows, 0, WIDTH, tables.bias, row, e, dt, count);
    }
    if (tables.states == 1) {
      SingleState.forward(this, tables, row, states, panel, place, count);
      return;
    }
    inputs(tables, row, panel, place, count);
    for (int n = 0; n < tables.states; n++) {
      int rate = tables.rate(direction, block) + n * WIDTH;
      state(tables.rates, rate, states + n * WIDTH, n, tables.states, count);
    }
    addOutputs(tables.places, place, panel, count);
  }

  private void save(Call call, int sample, int direction, int t, int block, int from) {
    ScanTables tables = call.tables();
    int saved = tables.geometry.savedStates();
    int chunk = t / CHUNK;
    if (chunk < saved) {
      int index = (sample * tables.directions + direction) * saved + chunk;
      int to = index * tables.states * tables.channels + block * WIDTH;
      ByteBuffer states = call.states().bytes();
      int lanes = tables.lanes(block);
      ScanPanels.store(state, from, states, to, tables.channels, lanes, tables.states);
    }
  }

  /** Inputs times step sizes, and the outputs' share that skips the states. */
  private void inputs(ScanTables tables, int row, int panel, int place, int count) {
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    int[] places = tables.places;
    for (int i = 0; i < count; i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, us, panel + places[place + i]);
      FloatVector.fromArray(SPECIES, dt, i * WIDTH).mul(u).intoArray(dtu, i * WIDTH);
      skip.mul(u).intoArray(out, i * WIDTH);
    }
  }

  /** Takes one state along a chunk and adds it to the outputs. */
  private void state(float[] rates, int at, int states, int n, int stride, int count) {
    float[] dt = this.dt;
    float[] dtu = this.dtu;
    float[] out = this.out;
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector h = FloatVector.fromArray(SPECIES, state, states);
    for (int i = 0; i < count; i++) {
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i * WIDTH);
      FloatVector shifted = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND));
      FloatVector f = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND).sub(shifted));
      FloatVector p = f.lanewise(VectorOperators.FMA, Lanes.all(EXP_6), Lanes.all(EXP_5));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_4));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_3));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_2));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_1));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(1f));
      FloatVector decay =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats()
              .blend(0f, shifted.compare(VectorOperators.LT, LEAST));
      FloatVector input = FloatVector.fromArray(SPECIES, dtu, i * WIDTH).mul(b[i * stride + n]);
      h = h.lanewise(VectorOperators.FMA, decay, input);
      FloatVector gain = Lanes.all(c[i * stride + n]);
      h.lanewise(VectorOperators.FMA, gain, FloatVector.fromArray(SPECIES, out, i * WIDTH))
          .intoArray(out, i * WIDTH);
    }
    h.intoArray(state, states);
  }

  private void addOutputs(int[] places, int place, int panel, int count) {
    for (int i = 0; i < count; i++) {
      int to = panel + places[place + i];
      FloatVector.fromArray(SPECIES, ys, to)
          .add(FloatVector.fromArray(SPECIES, out, i * WIDTH))
          .intoArray(ys, to);
    }
  }
}
