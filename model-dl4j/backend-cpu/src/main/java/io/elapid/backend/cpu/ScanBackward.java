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
 * <p>Goes through the chunks of a direction from the last to the first and through blocks of
 * channels in each, so that the gradients of b and c, which sum over channels, stay in the cache as
 * registers and are summed across lanes once. Within a chunk and a state, decays and states are
 * computed again from the state saved before the chunk.
 */
final class ScanBackward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();
  private final float[] ddelta = new float[CHUNK * WIDTH];
  final float[] dt = new float[CHUNK * WIDTH];
  final float[] dtu = new float[CHUNK * WIDTH];
  final float[] e = new float[CHUNK * WIDTH];
  private final float[] u = new float[CHUNK * WIDTH];
  final float[] dy = new float[CHUNK * WIDTH];

  /** {@code sum_n g b}. */
  final float[] gb = new float[CHUNK * WIDTH];

  /** {@code sum_n g a h A / ln 2}. */
  final float[] ga = new float[CHUNK * WIDTH];

  final float[] h = new float[2 * StatePair.SECOND];
  final float[] decays = new float[2 * StatePair.SECOND];
  float[] start = new float[0];
  float[] b = new float[0];
  float[] c = new float[0];
  float[] db = new float[0];
  float[] dc = new float[0];

  private float[] laneSums = new float[0];

  /** {@code a[t+1] g[t+1]} of every block and state. */
  float[] carry = new float[0];

  /** Where the sums of the chunk at hand start in {@link #db} and {@link #dc}. */
  int sums;

  float[] us = new float[0];
  float[] dys = new float[0];
  float[] dus = new float[0];

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

  /**
   * All directions of a group of a sample, {@code blocks} of channels at a time.
   *
   * <p>When that is not all of them, the sums over channels are kept for the whole scan, else for
   * one chunk.
   */
  void group(Call call, int sample, int group, int blocks) {
    ScanTables tables = call.tables();
    boolean kept = blocks < tables.blocks;
    reserve(tables, blocks, kept ? tables.perGroup() * tables.chunks : 1);
    Arrays.fill(db, 0);
    Arrays.fill(dc, 0);
    for (int first = 0; first < tables.blocks; first += blocks) {
      int end = Math.min(first + blocks, tables.blocks);
      gather(call, sample, group, first, end);
      for (int i = 0; i < tables.perGroup(); i++) {
        int slot = kept ? i * tables.chunks : -1;
        direction(call, sample, group * tables.perGroup() + i, first, end, slot);
      }
      scatter(call, sample, group, first, end);
    }
    for (int slot = 0; kept && slot < tables.perGroup() * tables.chunks; slot++) {
      int direction = group * tables.perGroup() + slot / tables.chunks;
      sumLanes(call, sample, direction, slot % tables.chunks, slot);
    }
  }

  private void gather(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int lanes = tables.lanes(block);
      int to = (block - first) * tables.panel;
      ByteBuffer inputs = call.in().u().bytes();
      panels.gather(inputs, map, tables.positions, lanes, us, to);
      panels.gather(call.dy().bytes(), map, tables.positions, lanes, dys, to);
    }
    Arrays.fill(dus, 0, (end - first) * tables.panel, 0);
  }

  private void scatter(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = (block - first) * tables.panel;
      ByteBuffer du = call.out().du().bytes();
      panels.scatter(dus, from, du, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks, int slots) {
    if (us.length < blocks * tables.panel) {
      us = new float[blocks * tables.panel];
      dys = new float[blocks * tables.panel];
      dus = new float[blocks * tables.panel];
    }
    int states = tables.states * WIDTH;
    if (start.length < states) {
      start = new float[states];
      b = new float[CHUNK * tables.states];
      c = new float[CHUNK * tables.states];
      laneSums = new float[CHUNK * tables.states * WIDTH / 4];
    }
    if (db.length != slots * CHUNK * states) {
      db = new float[slots * CHUNK * states];
      dc = new float[slots * CHUNK * states];
    }
    if (carry.length < blocks * states) {
      carry = new float[blocks * states];
    }
  }

  /** With sums from slot {@code slot} on, one for each chunk, or if negative in one for all. */
  private void direction(Call call, int sample, int direction, int first, int end, int slot) {
    ScanTables tables = call.tables();
    Arrays.fill(carry, 0, (end - first) * tables.states * WIDTH, 0);
    for (int chunk = tables.chunks - 1; chunk >= 0; chunk--) {
      int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
      int coefficient = tables.step(sample, direction, chunk * CHUNK) * tables.states;
      ScanPanels.copy(call.in().b().bytes(), coefficient, count * tables.states, b);
      ScanPanels.copy(call.in().c().bytes(), coefficient, count * tables.states, c);
      int delta = tables.step(sample, direction, chunk * CHUNK) * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      panels.touch(call.out().ddelta().bytes(), delta, tables.channels, length, count);
      sums = (slot < 0 ? 0 : slot + chunk) * CHUNK * tables.states * WIDTH;
      for (int block = first; block < end; block++) {
        block(call, sample, direction, chunk, block, block - first);
      }
      if (slot < 0) {
        sumLanes(call, sample, direction, chunk, 0);
        Arrays.fill(db, 0);
        Arrays.fill(dc, 0);
      }
    }
  }

  private void sumLanes(Call call, int sample, int direction, int chunk, int slot) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
    int to = tables.step(sample, direction, chunk * CHUNK) * tables.states;
    int from = slot * CHUNK * tables.states * WIDTH;
    int outputs = count * tables.states;
    LaneSums.of(db, from, tables.sumRows, Lanes.roundUp(outputs), laneSums);
    ScanPanels.copy(laneSums, call.out().db().bytes(), to, outputs);
    LaneSums.of(dc, from, tables.sumRows, Lanes.roundUp(outputs), laneSums);
    ScanPanels.copy(laneSums, call.out().dc().bytes(), to, outputs);
  }

  /** One chunk of one block of channels. */
  private void block(Call call, int sample, int direction, int chunk, int block, int index) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
    int lanes = tables.lanes(block);
    int step = tables.step(sample, direction, chunk * CHUNK);
    int place = direction * tables.steps + chunk * CHUNK;
    int row = tables.row(direction, block);
    int rates = tables.rate(direction, block);
    int panel = index * tables.panel;
    int delta = step * tables.channels + block * WIDTH;
    ByteBuffer steps = call.in().delta().bytes();
    if (lanes == WIDTH) {
      ScanMath.softplus(steps, delta, tables.channels, tables.bias, row, e, dt, count);
    } else {
      panels.few(steps, delta, tables.channels, lanes, count);
      ScanMath.softplus(panels.rows, 0, WIDTH, tables.bias, row, e, dt, count);
    }
    loadStart(call, sample, direction, chunk, block);
    ByteBuffer to = call.out().ddelta().bytes();
    if (tables.states == 1) {
      SingleState.repeat(this, tables, row, panel, place, count);
      int at = sample * tables.skip.length + row;
      int carried = index * WIDTH;
      if (lanes == WIDTH) {
        int stride = tables.channels;
        SingleState.back(this, call, row, at, carried, panel, place, to, delta, stride, count);
      } else {
        SingleState.back(this, call, row, at, carried, panel, place, panels.rows, 0, WIDTH, count);
        panels.putFew(to, delta, tables.channels, lanes, count);
      }
      return;
    }
    prepare(tables, panel, place, count);
    int drates = sample * tables.rates.length + rates;
    int carries = index * tables.states * WIDTH;
    int n = 0;
    for (; n < tables.states - 1; n += 2) {
      int at = n * WIDTH;
      repeat(tables.rates, rates + at, n, tables.states, 0, count);
      repeat(tables.rates, rates + at + WIDTH, n + 1, tables.states, StatePair.SECOND, count);
      StatePair.back(this, call, n, rates + at, carries + at, drates + at, count);
    }
    if (n < tables.states) {
      int at = n * WIDTH;
      repeat(tables.rates, rates + at, n, tables.states, 0, count);
      back(call, n, rates + at, carries + at, drates + at, count);
    }
    finish(call, row, sample * tables.skip.length + row, panel, place, count);
    ScanPanels.store(ddelta, 0, to, delta, tables.channels, lanes, count);
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

  /** Inputs and outputs of the chunk. */
  private void prepare(ScanTables tables, int panel, int place, int count) {
    for (int i = 0; i < count; i++) {
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i * WIDTH);
      int from = panel + tables.places[place + i];
      FloatVector input = FloatVector.fromArray(SPECIES, us, from);
      input.intoArray(u, i * WIDTH);
      size.mul(input).intoArray(dtu, i * WIDTH);
      FloatVector.fromArray(SPECIES, dys, from).intoArray(dy, i * WIDTH);
    }
    Arrays.fill(gb, 0);
    Arrays.fill(ga, 0);
  }

  /** The forward recurrence of one state along the chunk, kept from {@code to} on. */
  private void repeat(float[] rates, int at, int n, int states, int to, int count) {
    float[] dt = this.dt;
    float[] dtu = this.dtu;
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector state = FloatVector.fromArray(SPECIES, start, n * WIDTH);
    state.intoArray(h, to);
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
      decay.intoArray(decays, to + i * WIDTH);
      FloatVector input = FloatVector.fromArray(SPECIES, dtu, i * WIDTH).mul(b[i * states + n]);
      state = state.lanewise(VectorOperators.FMA, decay, input);
      state.intoArray(h, to + (i + 1) * WIDTH);
    }
  }

  /** The backward recurrence of one state along the chunk. */
  private void back(Call call, int n, int at, int carried, int summed, int count) {
    int first = sums + n * CHUNK * WIDTH;
    int states = call.tables().states;
    FloatVector rate = FloatVector.fromArray(SPECIES, call.tables().rates, at);
    FloatVector next = FloatVector.fromArray(SPECIES, carry, carried);
    FloatVector drate = FloatVector.fromArray(SPECIES, call.sums().rates(), summed);
    FloatVector after = FloatVector.fromArray(SPECIES, h, count * WIDTH);
    for (int i = (count - 1) * WIDTH; i >= 0; i -= WIDTH) {
      int sum = first + i;
      int coefficient = i / WIDTH * states + n;
      FloatVector output = FloatVector.fromArray(SPECIES, dy, i);
      FloatVector g = output.lanewise(VectorOperators.FMA, Lanes.all(c[coefficient]), next);
      output
          .lanewise(VectorOperators.FMA, after, FloatVector.fromArray(SPECIES, dc, sum))
          .intoArray(dc, sum);
      FloatVector size = FloatVector.fromArray(SPECIES, dtu, i);
      g.lanewise(VectorOperators.FMA, size, FloatVector.fromArray(SPECIES, db, sum))
          .intoArray(db, sum);
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
    drate.intoArray(call.sums().rates(), summed);
  }

  /** What is left once all states are through; leaves the gradient of delta in its scratch. */
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
      FloatVector step =
          byInput
              .lanewise(VectorOperators.FMA, input, byDecay)
              .mul(ScanMath.slope(FloatVector.fromArray(SPECIES, e, at)));
      step.intoArray(ddelta, at);
      dbias = dbias.add(step);
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
