package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
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

  private final float[] arguments = new float[CHUNK * WIDTH];
  private final float[] dt = new float[CHUNK * WIDTH];
  private final float[] dtu = new float[CHUNK * WIDTH];
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
    int panel = tables.positions * WIDTH;
    for (int block = 0; block < tables.blocks; block++) {
      int map = tables.mapStart(sample, group, block);
      int lanes = tables.lanes(block);
      ByteBuffer inputs = call.in().u().bytes();
      ScanPanels.gather(inputs, map, tables.positions, lanes, us, block * panel);
      ScanPanels.gather(call.dy().bytes(), map, tables.positions, lanes, dys, block * panel);
    }
    Arrays.fill(dus, 0, tables.blocks * panel, 0);
    for (int i = 0; i < tables.perGroup(); i++) {
      direction(call, sample, group * tables.perGroup() + i);
    }
    for (int block = 0; block < tables.blocks; block++) {
      int map = tables.mapStart(sample, group, block);
      ByteBuffer du = call.out().du().bytes();
      ScanPanels.scatter(dus, block * panel, du, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables) {
    int panels = tables.blocks * tables.positions * WIDTH;
    if (us.length < panels) {
      us = new float[panels];
      dys = new float[panels];
      dus = new float[panels];
    }
    int states = tables.states * WIDTH;
    if (start.length < states) {
      start = new float[states];
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
      Arrays.fill(db, 0, CHUNK * tables.states * WIDTH, 0);
      Arrays.fill(dc, 0, CHUNK * tables.states * WIDTH, 0);
      for (int block = 0; block < tables.blocks; block++) {
        block(call, sample, direction, chunk, block, count);
      }
      int step = tables.step(sample, direction, chunk * CHUNK);
      sumLanes(db, call.out().db().bytes(), step * tables.states, tables.states, count);
      sumLanes(dc, call.out().dc().bytes(), step * tables.states, tables.states, count);
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
    int panel = block * tables.positions * WIDTH;
    int delta = step * tables.channels + block * WIDTH;
    ByteBuffer steps = call.in().delta().bytes();
    ScanPanels.load(steps, delta, tables.channels, lanes, count, arguments);
    prepare(tables, row, panel, place, count);
    loadStart(call, sample, direction, chunk, block);
    int sums = sample * tables.rates.length + rates;
    for (int n = 0; n < tables.states; n++) {
      FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, rates + n * WIDTH);
      int coefficient = step * tables.states + n;
      repeat(call.in().b().bytes(), coefficient, tables.states, n, rate, count);
      int carried = (block * tables.states + n) * WIDTH;
      back(call, coefficient, n, rate, carried, sums + n * WIDTH, count);
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
    ScanPanels.load(states, from, tables.channels, tables.lanes(block), tables.states, start);
  }

  private void prepare(ScanTables tables, int row, int panel, int place, int count) {
    FloatVector bias = FloatVector.fromArray(SPECIES, tables.bias, row);
    for (int i = 0; i < count; i++) {
      FloatVector x = FloatVector.fromArray(SPECIES, arguments, i * WIDTH).add(bias);
      FloatVector e = ScanMath.expOfMinusAbs(x);
      FloatVector size = ScanMath.softplus(x, e);
      ScanMath.sigmoid(x, e).intoArray(slope, i * WIDTH);
      FloatVector input = at(us, panel, tables.places[place + i]);
      size.intoArray(dt, i * WIDTH);
      input.intoArray(u, i * WIDTH);
      size.mul(input).intoArray(dtu, i * WIDTH);
      at(dys, panel, tables.places[place + i]).intoArray(dy, i * WIDTH);
      Lanes.zero().intoArray(gb, i * WIDTH);
      Lanes.zero().intoArray(ga, i * WIDTH);
    }
  }

  private static FloatVector at(float[] panels, int panel, int position) {
    return position == ScanOrder.PADDING
        ? Lanes.zero()
        : FloatVector.fromArray(SPECIES, panels, panel + position * WIDTH);
  }

  /** The forward recurrence of one state along the chunk. */
  private void repeat(
      ByteBuffer b, int coefficient, int states, int n, FloatVector rate, int count) {
    FloatVector state = FloatVector.fromArray(SPECIES, start, n * WIDTH);
    state.intoArray(h, 0);
    for (int i = 0; i < count; i++) {
      FloatVector decay = ScanMath.decay(FloatVector.fromArray(SPECIES, dt, i * WIDTH), rate);
      decay.intoArray(decays, i * WIDTH);
      FloatVector input =
          FloatVector.fromArray(SPECIES, dtu, i * WIDTH)
              .mul(Lanes.get(b, coefficient + i * states));
      state = state.lanewise(VectorOperators.FMA, decay, input);
      state.intoArray(h, (i + 1) * WIDTH);
    }
  }

  /** The backward recurrence of one state along the chunk. */
  private void back(
      Call call, int coefficient, int n, FloatVector rate, int carried, int sum, int count) {
    ByteBuffer b = call.in().b().bytes();
    ByteBuffer c = call.in().c().bytes();
    int states = call.tables().states;
    FloatVector next = FloatVector.fromArray(SPECIES, carry, carried);
    FloatVector drate = FloatVector.fromArray(SPECIES, call.sums().rates(), sum);
    for (int i = count - 1; i >= 0; i--) {
      int at = i * WIDTH;
      int sums = (n * CHUNK + i) * WIDTH;
      FloatVector output = FloatVector.fromArray(SPECIES, dy, at);
      FloatVector g =
          output.lanewise(
              VectorOperators.FMA, Lanes.all(Lanes.get(c, coefficient + i * states)), next);
      FloatVector state = FloatVector.fromArray(SPECIES, h, at + WIDTH);
      output
          .lanewise(VectorOperators.FMA, state, FloatVector.fromArray(SPECIES, dc, sums))
          .intoArray(dc, sums);
      g.lanewise(
              VectorOperators.FMA,
              FloatVector.fromArray(SPECIES, dtu, at),
              FloatVector.fromArray(SPECIES, db, sums))
          .intoArray(db, sums);
      g.lanewise(
              VectorOperators.FMA,
              Lanes.all(Lanes.get(b, coefficient + i * states)),
              FloatVector.fromArray(SPECIES, gb, at))
          .intoArray(gb, at);
      next = g.mul(FloatVector.fromArray(SPECIES, decays, at));
      FloatVector lost = next.mul(FloatVector.fromArray(SPECIES, h, at));
      drate = lost.lanewise(VectorOperators.FMA, FloatVector.fromArray(SPECIES, dt, at), drate);
      lost.lanewise(VectorOperators.FMA, rate, FloatVector.fromArray(SPECIES, ga, at))
          .intoArray(ga, at);
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
      int position = tables.places[place + i];
      if (position != ScanOrder.PADDING) {
        int to = panel + position * WIDTH;
        FloatVector du = FloatVector.fromArray(SPECIES, dus, to);
        du = byInput.lanewise(VectorOperators.FMA, FloatVector.fromArray(SPECIES, dt, at), du);
        output.lanewise(VectorOperators.FMA, skip, du).intoArray(dus, to);
      }
    }
    dskip.intoArray(call.sums().skip(), sum);
    dbias.intoArray(call.sums().bias(), sum);
  }
}
