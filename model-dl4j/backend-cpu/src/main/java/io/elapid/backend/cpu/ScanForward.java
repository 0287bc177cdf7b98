package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.INTS;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Scans blocks of channels forward on one thread: a register is one value of every channel of a
 * block. Chunk by chunk and block by block, first what all states share, then four states at a
 * time, which keeps them in registers along the chunk.
 */
final class ScanForward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();

  /** Steps and panels. */
  float[] scratch = new float[0];

  /** Of a chunk, see {@link ScanTables#coefficients}. */
  float[] coefficients = new float[0];

  float[] state = new float[0];

  /** Where the first step of a chunk lies; see {@link ScanSteps}. */
  final int origin = CacheLines.FIRST;

  /** Where the first panel lies. */
  private final int firstMap = origin + ScanSteps.apart(ScanSteps.SIZE);

  /** Whether nobody has written yet where the direction under way writes its outputs. */
  boolean isFirst;

  /** How far behind the panels of the inputs those of the outputs lie. */
  int outputs;

  /** One call's arguments. */
  record Call(ScanTables tables, Inputs in, Tensor y, Tensor states) {}

  /** All directions of blocks {@code first} to {@code end} of a group of a sample. */
  void blocks(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    reserve(tables, end - first);
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int to = panel(tables, block - first);
      ByteBuffer u = call.in().u().bytes();
      panels.gather(u, map, tables.positions, tables.lanes(block), scratch, to);
    }
    for (int i = 0; i < tables.perGroup(); i++) {
      isFirst = tables.comesFirst(i);
      direction(call, sample, group * tables.perGroup() + i, first, end);
    }
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = outputs + panel(tables, block - first);
      ByteBuffer y = call.y().bytes();
      panels.scatter(scratch, from, y, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks) {
    outputs = ScanSteps.apart(blocks * tables.panel);
    if (scratch.length < firstMap + 2 * outputs) {
      scratch = CacheLines.array(firstMap + 2 * outputs);
    }
    if (state.length < blocks * tables.padded * WIDTH) {
      state = new float[blocks * tables.padded * WIDTH];
    }
    if (coefficients.length < tables.coefficients()) {
      coefficients = new float[tables.coefficients()];
    }
  }

  private int panel(ScanTables tables, int index) {
    return firstMap + index * tables.panel;
  }

  private void direction(Call call, int sample, int direction, int first, int end) {
    ScanTables tables = call.tables();
    Arrays.fill(state, 0, (end - first) * tables.padded * WIDTH, 0);
    for (int t = 0; t < tables.steps; t += CHUNK) {
      int count = Math.min(CHUNK, tables.steps - t);
      int step = tables.step(sample, direction, t);
      tables.coefficients(call.in(), step, count, coefficients);
      int delta = step * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      for (int block = first; block < end; block++) {
        int states = (block - first) * tables.padded * WIDTH;
        chunk(call, step, direction, t, block, panel(tables, block - first), states);
        save(call, sample, direction, t, block, states);
      }
    }
  }

  private void chunk(Call call, int step, int direction, int t, int block, int panel, int states) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - t);
    int row = tables.row(direction, block);
    int place = direction * tables.steps + t;
    panels.sizes(call.in(), tables, step, block, row, scratch, origin, count);
    if (tables.states == 1) {
      ScanMath.sizes(scratch, origin, count);
      SingleState.forward(this, tables, row, states, panel, place, count);
      return;
    }
    float largest = inputs(tables, row, panel, place, count);
    boolean areNormal = tables.areNormal(largest, direction, block);
    float[] rates = tables.rates;
    for (int n = 0; n < tables.padded; n += StateQuad.STATES) {
      int rate = tables.rate(direction, block) + n * WIDTH;
      int from = states + n * WIDTH;
      int k = ScanTables.quadCoefficients(n);
      if (areNormal) {
        StateQuad.forward(scratch, origin, rates, rate, state, from, coefficients, k, count);
      } else {
        WideDecays.forward(scratch, origin, rates, rate, state, from, coefficients, k, count);
      }
    }
    addOutputs(tables, panel, place, count);
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

  /**
   * Step sizes, inputs times those, and the outputs' share that skips the states.
   *
   * @return the largest step size
   */
  private float inputs(ScanTables tables, int row, int panel, int place, int count) {
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    float[] scratch = this.scratch;
    int[] places = tables.places;
    int origin = this.origin;
    IntVector largest = IntVector.zero(INTS);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      FloatVector signed =
          FloatVector.fromArray(SPECIES, scratch, origin + ScanSteps.E + i * WIDTH);
      FloatVector size =
          ScanMath.size(signed, FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT));
      size.intoArray(scratch, step + ScanSteps.DT);
      largest = largest.max(size.abs().reinterpretAsInts());
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, panel + places[place + i]);
      size.mul(u).intoArray(scratch, step + ScanSteps.DTU);
      skip.mul(u).intoArray(scratch, step + ScanSteps.OUT);
    }
    return ScanMath.largest(largest);
  }

  /** Adds the outputs of steps to what directions before this one wrote, if there is any. */
  private void addOutputs(ScanTables tables, int panel, int place, int count) {
    float[] scratch = this.scratch;
    int[] places = tables.places;
    int from = origin + ScanSteps.OUT;
    int zeros = panel + tables.padding();
    boolean isFirst = this.isFirst;
    int first = outputs + panel;
    for (int i = 0; i < count; i++) {
      int to = first + places[place + i];
      FloatVector out = FloatVector.fromArray(SPECIES, scratch, from + i * ScanSteps.STRIDE);
      FloatVector.fromArray(SPECIES, scratch, isFirst ? zeros : to).add(out).intoArray(scratch, to);
    }
  }
}
