package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Scans blocks of channels forward on one thread: a register is one value of every channel of a
 * block. Chunk by chunk and block by block, first what all states share, then two states at a time,
 * which keeps them in registers along the chunk.
 */
final class ScanForward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();
  private final float[] e = new float[CHUNK * WIDTH];
  final float[] steps = new float[ScanSteps.SIZE];
  float[] b = new float[0];
  float[] c = new float[0];
  float[] state = new float[0];

  /** Panels of the inputs, then from {@link #outputs} on of the outputs. */
  float[] maps = new float[0];

  int outputs;

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
      panels.gather(u, map, tables.positions, tables.lanes(block), maps, to);
    }
    Arrays.fill(maps, outputs, outputs + (end - first) * tables.panel, 0);
    for (int i = 0; i < tables.perGroup(); i++) {
      direction(call, sample, group * tables.perGroup() + i, first, end);
    }
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = outputs + (block - first) * tables.panel;
      ByteBuffer y = call.y().bytes();
      ScanPanels.scatter(maps, from, y, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks) {
    outputs = ScanSteps.apart(blocks * tables.panel);
    if (maps.length < 2 * outputs) {
      maps = new float[2 * outputs];
    }
    if (state.length < blocks * tables.padded * WIDTH) {
      state = new float[blocks * tables.padded * WIDTH];
    }
    if (b.length < CHUNK * tables.padded) {
      b = new float[CHUNK * tables.padded];
      c = new float[CHUNK * tables.padded];
    }
  }

  private void direction(Call call, int sample, int direction, int first, int end) {
    ScanTables tables = call.tables();
    Arrays.fill(state, 0, (end - first) * tables.padded * WIDTH, 0);
    for (int t = 0; t < tables.steps; t += CHUNK) {
      int count = Math.min(CHUNK, tables.steps - t);
      int step = tables.step(sample, direction, t);
      tables.coefficients(call.in().b(), step, count, b);
      tables.coefficients(call.in().c(), step, count, c);
      int delta = step * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      for (int block = first; block < end; block++) {
        int states = (block - first) * tables.padded * WIDTH;
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
    panels.sizes(call.in(), tables, step, block, row, e, steps, count);
    if (tables.states == 1) {
      SingleState.forward(this, tables, row, states, panel, place, count);
      return;
    }
    inputs(tables, row, panel, place, count);
    for (int n = 0; n < tables.padded; n += 2) {
      int rate = tables.rate(direction, block) + n * WIDTH;
      int from = states + n * WIDTH;
      StatePair.forward(steps, tables.rates, rate, state, from, b, c, n, tables.padded, count);
    }
    addOutputs(tables.places, place, outputs + panel, count);
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
    float[] steps = this.steps;
    float[] maps = this.maps;
    int[] places = tables.places;
    for (int i = 0; i < count; i++) {
      int step = i * ScanSteps.STRIDE;
      FloatVector u = FloatVector.fromArray(SPECIES, maps, panel + places[place + i]);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      size.mul(u).intoArray(steps, step + ScanSteps.DTU);
      skip.mul(u).intoArray(steps, step + ScanSteps.OUT);
    }
  }

  private void addOutputs(int[] places, int place, int panel, int count) {
    float[] steps = this.steps;
    float[] maps = this.maps;
    for (int i = 0; i < count; i++) {
      int to = panel + places[place + i];
      FloatVector out = FloatVector.fromArray(SPECIES, steps, i * ScanSteps.STRIDE + ScanSteps.OUT);
      FloatVector.fromArray(SPECIES, maps, to).add(out).intoArray(maps, to);
    }
  }
}
