package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Scans blocks of channels forward on one thread: a register is one value of every channel of the
 * block. Chunk by chunk, first what all states share, then state by state, which keeps the state in
 * a register along the chunk.
 */
final class ScanForward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final float[] arguments = new float[CHUNK * WIDTH];
  private final float[] dt = new float[CHUNK * WIDTH];
  private final float[] dtu = new float[CHUNK * WIDTH];
  private final float[] out = new float[CHUNK * WIDTH];
  private float[] state = new float[0];
  private float[] u = new float[0];
  private float[] y = new float[0];

  /** All directions of one block of a sample's channels. */
  void block(ScanTables tables, Inputs in, Tensor y, Tensor states, int sample, int item) {
    int group = item / tables.blocks;
    int block = item % tables.blocks;
    reserve(tables);
    int map = tables.mapStart(sample, group, block);
    int lanes = tables.lanes(block);
    ScanPanels.gather(in.u().bytes(), map, tables.positions, lanes, u, 0);
    Arrays.fill(this.y, 0, tables.positions * WIDTH, 0);
    for (int i = 0; i < tables.perGroup(); i++) {
      int direction = group * tables.perGroup() + i;
      direction(tables, in, states, sample, direction, block);
    }
    ScanPanels.scatter(this.y, 0, y.bytes(), map, tables.positions, lanes);
  }

  private void reserve(ScanTables tables) {
    if (u.length < tables.positions * WIDTH) {
      u = new float[tables.positions * WIDTH];
      y = new float[tables.positions * WIDTH];
    }
    if (state.length < tables.states * WIDTH) {
      state = new float[tables.states * WIDTH];
    }
  }

  private void direction(
      ScanTables tables, Inputs in, Tensor states, int sample, int direction, int block) {
    Arrays.fill(state, 0, tables.states * WIDTH, 0);
    int places = direction * tables.steps;
    int row = tables.row(direction, block);
    int lanes = tables.lanes(block);
    int saved = (sample * tables.directions + direction) * tables.geometry.savedStates();
    for (int t = 0; t < tables.steps; t += CHUNK) {
      int count = Math.min(CHUNK, tables.steps - t);
      int step = tables.step(sample, direction, t);
      int delta = step * tables.channels + block * WIDTH;
      ScanPanels.load(in.delta().bytes(), delta, tables.channels, lanes, count, arguments);
      prepare(tables, row, places + t, count);
      for (int n = 0; n < tables.states; n++) {
        int coefficients = step * tables.states + n;
        state(tables, in, tables.rate(direction, block), n, coefficients, count);
      }
      addOutputs(tables.places, places + t, count);
      int chunk = t / CHUNK;
      if (chunk < tables.geometry.savedStates()) {
        int to = (saved + chunk) * tables.states * tables.channels + block * WIDTH;
        ScanPanels.store(state, 0, states.bytes(), to, tables.channels, lanes, tables.states);
      }
    }
  }

  /** Step sizes, inputs times step sizes, and the outputs' share that skips the states. */
  private void prepare(ScanTables tables, int row, int place, int count) {
    FloatVector bias = FloatVector.fromArray(SPECIES, tables.bias, row);
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    for (int i = 0; i < count; i++) {
      FloatVector x = FloatVector.fromArray(SPECIES, arguments, i * WIDTH).add(bias);
      FloatVector size = ScanMath.softplus(x, ScanMath.expOfMinusAbs(x));
      int position = tables.places[place + i];
      FloatVector input =
          position == ScanOrder.PADDING
              ? Lanes.zero()
              : FloatVector.fromArray(SPECIES, u, position * WIDTH);
      size.intoArray(dt, i * WIDTH);
      size.mul(input).intoArray(dtu, i * WIDTH);
      skip.mul(input).intoArray(out, i * WIDTH);
    }
  }

  /** Takes one state along a chunk and adds it to the outputs. */
  private void state(ScanTables tables, Inputs in, int rates, int n, int coefficient, int count) {
    ByteBuffer b = in.b().bytes();
    ByteBuffer c = in.c().bytes();
    int states = tables.states;
    FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, rates + n * WIDTH);
    FloatVector h = FloatVector.fromArray(SPECIES, state, n * WIDTH);
    for (int i = 0; i < count; i++) {
      FloatVector decay = ScanMath.decay(FloatVector.fromArray(SPECIES, dt, i * WIDTH), rate);
      FloatVector input =
          FloatVector.fromArray(SPECIES, dtu, i * WIDTH)
              .mul(Lanes.get(b, coefficient + i * states));
      h = h.lanewise(VectorOperators.FMA, decay, input);
      FloatVector gain = Lanes.all(Lanes.get(c, coefficient + i * states));
      h.lanewise(VectorOperators.FMA, gain, FloatVector.fromArray(SPECIES, out, i * WIDTH))
          .intoArray(out, i * WIDTH);
    }
    h.intoArray(state, n * WIDTH);
  }

  private void addOutputs(int[] places, int place, int count) {
    for (int i = 0; i < count; i++) {
      int position = places[place + i];
      if (position != ScanOrder.PADDING) {
        FloatVector.fromArray(SPECIES, y, position * WIDTH)
            .add(FloatVector.fromArray(SPECIES, out, i * WIDTH))
            .intoArray(y, position * WIDTH);
      }
    }
  }
}
