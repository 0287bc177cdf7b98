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
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Gradient of a scan, sample by sample on one thread.
 *
 * <p>Goes through the chunks of a direction from the last to the first and through all blocks of
 * channels in each, so that the gradients of b and c, which sum over channels, stay in the cache as
 * registers and are summed across lanes once. Within a chunk and a state, decays and states are
 * computed again from the state saved before the chunk.
 */
final class ScanBackward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();
  private final float[] arguments = new float[CHUNK * WIDTH];
  private final float[] dt = new float[CHUNK * WIDTH];
  private final float[] dtu = new float[CHUNK * WIDTH];
  private final float[] e = new float[CHUNK * WIDTH];
  private final float[] slope = new float[CHUNK * WIDTH];
  private final float[] u = new float[CHUNK * WIDTH];
  private final float[] dy = new float[CHUNK * WIDTH];

  /** {@code sum_n g b}. */
  private final float[] gb = new float[CHUNK * WIDTH];

  /** {@code sum_n g a h A / ln 2}. */
  private final float[] ga = new float[CHUNK * WIDTH];

  private final float[] h = new float[(CHUNK + 1) * WIDTH];
  private final float[] decays = new float[CHUNK * WIDTH];
  private float[] start = new float[0];
  private float[] b = new float[0];
  private float[] c = new float[0];
  private float[] db = new float[0];
  private float[] dc = new float[0];

  /** {@code a[t+1] g[t+1]} of every block and state. */
  private float[] carry = new float[0];

  private float[] us = new float[0];
  private float[] dys = new float[0];
  private float[] dus = new float[0];

  /** Gradients of the parameters, a row of each table for every sample. */
  record Sums(float[] rates, float[] skip, float[] bias) {
    static Sums of(ScanTables tables) {
      int batch = tables.geometry.batch();
      return new Sums(
          new float[batch * tables.rates.length],
          new float[batch * tables.skip.length],
          new float[batch * tables.bias.length]);
    }
  }

  /** One call's arguments. */
  record Call(ScanTables tables, Inputs in, Tensor dy, Tensor states, Outputs out, Sums sums) {}

  /** All directions of a group of a sample. */
  void group(Call call, int sample, int group) {
    ScanTables tables = call.tables();
    reserve(tables);
    int panel = tables.panel;
    for (int block = 0; block < tables.blocks; block++) {
      int map = tables.mapStart(sample, group, block);
      int lanes = tables.lanes(block);
      ByteBuffer inputs = call.in().u().bytes();
      panels.gather(inputs, map, tables.positions, lanes, us, block * panel);
      panels.gather(call.dy().bytes(), map, tables.positions, lanes, dys, block * panel);
    }
    Arrays.fill(dus, 0, tables.blocks * panel, 0);
    for (int i = 0; i < tables.perGroup(); i++) {
      direction(call, sample, group * tables.perGroup() + i);
    }
    for (int block = 0; block < tables.blocks; block++) {
      int map = tables.mapStart(sample, group, block);
      ByteBuffer du = call.out().du().bytes();
      panels.scatter(dus, block * panel, du, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables) {
    int panels = tables.blocks * tables.panel;
    if (us.length < panels) {
      us = new float[panels];
      dys = new float[panels];
      dus = new float[panels];
    }
    int states = tables.states * WIDTH;
    if (start.length < states) {
      start = new float[states];
      b = new float[CHUNK * tables.states];
      c = new float[CHUNK * tables.states];
      db = new float[CHUNK * states];
      dc = new float[CHUNK * states];
    }
    if (carry.length < tables.blocks * states) {
      carry = new float[tables.blocks * states];
    }
  }

  private void direction(Call call, int sample, int direction) {
    ScanTables tables = call.tables();
    Arrays.fill(carry, 0, tables.blocks * tables.states * WIDTH, 0);
    int chunks = (tables.steps + CHUNK - 1) / CHUNK;
    for (int chunk = chunks - 1; chunk >= 0; chunk--) {
      int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
      int step = tables.step(sample, direction, chunk * CHUNK);
      int first = step * tables.states;
      ScanPanels.copy(call.in().b().bytes(), first, count * tables.states, b);
      ScanPanels.copy(call.in().c().bytes(), first, count * tables.states, c);
      Arrays.fill(db, 0, CHUNK * tables.states * WIDTH, 0);
      Arrays.fill(dc, 0, CHUNK * tables.states * WIDTH, 0);
      for (int block = 0; block < tables.blocks; block++) {
        block(call, sample, direction, chunk, block, count);
      }
      sumLanes(db, call.out().db().bytes(), first, tables.states, count);
      sumLanes(dc, call.out().dc().bytes(), first, tables.states, count);
    }
  }

  private static void sumLanes(float[] from, ByteBuffer to, int start, int states, int count) {
    for (int n = 0; n < states; n++) {
      for (int i = 0; i < count; i++) {
        FloatVector v = FloatVector.fromArray(SPECIES, from, (n * CHUNK + i) * WIDTH);
        Lanes.put(to, start + i * states + n, Lanes.sum(v));
      }
    }
  }

  /** One chunk of one block of channels. */
  private void block(Call call, int sample, int direction, int chunk, int block, int count) {
    ScanTables tables = call.tables();
    int lanes = tables.lanes(block);
    int step = tables.step(sample, direction, chunk * CHUNK);
    int place = direction * tables.steps + chunk * CHUNK;
    int row = tables.row(direction, block);
    int rates = tables.rate(direction, block);
    int panel = block * tables.panel;
    int delta = step * tables.channels + block * WIDTH;
    ByteBuffer steps = call.in().delta().bytes();
    ScanPanels.load(steps, delta, tables.channels, lanes, count, arguments, 0);
    ScanMath.softplus(arguments, tables.bias, row, e, dt, count);
    prepare(tables, panel, place, count);
    loadStart(call, sample, direction, chunk, block);
    int sums = sample * tables.rates.length + rates;
    for (int n = 0; n < tables.states; n++) {
      int rate = rates + n * WIDTH;
      repeat(tables.rates, rate, n, tables.states, count);
      int carried = (block * tables.states + n) * WIDTH;
      back(call, n, rate, carried, sums + n * WIDTH, count);
    }
    finish(call, row, sample * tables.skip.length + row, panel, place, count);
    ByteBuffer ddelta = call.out().ddelta().bytes();
    ScanPanels.store(arguments, 0, ddelta, delta, tables.channels, lanes, count);
  }

  private void loadStart(Call call, int sample, int direction, int chunk, int block) {
    ScanTables tables = call.tables();
    if (chunk == 0) {
      Arrays.fill(start, 0, tables.states * WIDTH, 0);
      return;
    }
    int saved = (sample * tables.directions + direction) * tables.geometry.savedStates();
    int from = (saved + chunk - 1) * tables.states * tables.channels + block * WIDTH;
    ByteBuffer states = call.states().bytes();
    ScanPanels.load(states, from, tables.channels, tables.lanes(block), tables.states, start, 0);
  }

  private void prepare(ScanTables tables, int panel, int place, int count) {
    for (int i = 0; i < count; i++) {
      FloatVector x = FloatVector.fromArray(SPECIES, arguments, i * WIDTH);
      ScanMath.sigmoid(x, FloatVector.fromArray(SPECIES, e, i * WIDTH)).intoArray(slope, i * WIDTH);
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i * WIDTH);
      int from = panel + tables.places[place + i];
      FloatVector input = FloatVector.fromArray(SPECIES, us, from);
      input.intoArray(u, i * WIDTH);
      size.mul(input).intoArray(dtu, i * WIDTH);
      FloatVector.fromArray(SPECIES, dys, from).intoArray(dy, i * WIDTH);
      Lanes.zero().intoArray(gb, i * WIDTH);
      Lanes.zero().intoArray(ga, i * WIDTH);
    }
  }

  /** The forward recurrence of one state along the chunk. */
  private void repeat(float[] rates, int at, int n, int states, int count) {
    float[] dt = this.dt;
    float[] dtu = this.dtu;
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector state = FloatVector.fromArray(SPECIES, start, n * WIDTH);
    state.intoArray(h, 0);
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
      decay.intoArray(decays, i * WIDTH);
      FloatVector input = FloatVector.fromArray(SPECIES, dtu, i * WIDTH).mul(b[i * states + n]);
      state = state.lanewise(VectorOperators.FMA, decay, input);
      state.intoArray(h, (i + 1) * WIDTH);
    }
  }

  /** The backward recurrence of one state along the chunk. */
  private void back(Call call, int n, int at, int carried, int sum, int count) {
    int states = call.tables().states;
    FloatVector rate = FloatVector.fromArray(SPECIES, call.tables().rates, at);
    FloatVector next = FloatVector.fromArray(SPECIES, carry, carried);
    FloatVector drate = FloatVector.fromArray(SPECIES, call.sums().rates(), sum);
    FloatVector after = FloatVector.fromArray(SPECIES, h, count * WIDTH);
    for (int i = (count - 1) * WIDTH; i >= 0; i -= WIDTH) {
      int sums = n * CHUNK * WIDTH + i;
      int coefficient = i / WIDTH * states + n;
      FloatVector output = FloatVector.fromArray(SPECIES, dy, i);
      FloatVector g = output.lanewise(VectorOperators.FMA, Lanes.all(c[coefficient]), next);
      output
          .lanewise(VectorOperators.FMA, after, FloatVector.fromArray(SPECIES, dc, sums))
          .intoArray(dc, sums);
      FloatVector size = FloatVector.fromArray(SPECIES, dtu, i);
      g.lanewise(VectorOperators.FMA, size, FloatVector.fromArray(SPECIES, db, sums))
          .intoArray(db, sums);
      FloatVector byInput = FloatVector.fromArray(SPECIES, gb, i);
      g.lanewise(VectorOperators.FMA, Lanes.all(b[coefficient]), byInput).intoArray(gb, i);
      after = FloatVector.fromArray(SPECIES, h, i);
      next = g.mul(FloatVector.fromArray(SPECIES, decays, i));
      FloatVector lost = next.mul(after);
      drate = lost.lanewise(VectorOperators.FMA, FloatVector.fromArray(SPECIES, dt, i), drate);
      FloatVector byDecay = FloatVector.fromArray(SPECIES, ga, i);
      lost.lanewise(VectorOperators.FMA, rate, byDecay).intoArray(ga, i);
    }
    next.intoArray(carry, carried);
    drate.intoArray(call.sums().rates(), sum);
  }

  /** What is left once all states are through; leaves the gradient of delta in the arguments. */
  private void finish(Call call, int row, int sum, int panel, int place, int count) {
    ScanTables tables = call.tables();
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    FloatVector dskip = FloatVector.fromArray(SPECIES, call.sums().skip(), sum);
    FloatVector dbias = FloatVector.fromArray(SPECIES, call.sums().bias(), sum);
    for (int i = 0; i < count; i++) {
      int at = i * WIDTH;
      FloatVector input = FloatVector.fromArray(SPECIES, u, at);
      FloatVector output = FloatVector.fromArray(SPECIES, dy, at);
      FloatVector byInput = FloatVector.fromArray(SPECIES, gb, at);
      FloatVector byDecay = FloatVector.fromArray(SPECIES, ga, at).mul(ScanMath.LN_2);
      FloatVector ddelta =
          byInput
              .lanewise(VectorOperators.FMA, input, byDecay)
              .mul(FloatVector.fromArray(SPECIES, slope, at));
      ddelta.intoArray(arguments, at);
      dbias = dbias.add(ddelta);
      dskip = output.lanewise(VectorOperators.FMA, input, dskip);
      int to = panel + tables.places[place + i];
      FloatVector du = FloatVector.fromArray(SPECIES, dus, to);
      du = byInput.lanewise(VectorOperators.FMA, FloatVector.fromArray(SPECIES, dt, at), du);
      output.lanewise(VectorOperators.FMA, skip, du).intoArray(dus, to);
    }
    dskip.intoArray(call.sums().skip(), sum);
    dbias.intoArray(call.sums().bias(), sum);
  }
}
