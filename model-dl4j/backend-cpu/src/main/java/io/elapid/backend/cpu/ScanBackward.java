package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Gradient of a scan, some blocks of channels of a sample at a time on one thread.
 *
 * <p>Goes through the chunks of a direction from the last to the first and through blocks of
 * channels in each, so that the gradients of b and c, which sum over channels, stay in the cache as
 * registers and are summed across lanes once. Within a chunk and a pair of states, decays and
 * states are computed again from the states saved before the chunk.
 */
final class ScanBackward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();
  private final float[] ddelta = new float[CHUNK * WIDTH];
  final float[] e = new float[CHUNK * WIDTH];
  final float[] steps = new float[ScanSteps.SIZE];
  float[] start = new float[0];
  float[] b = new float[0];
  float[] c = new float[0];

  /** Sums of a chunk over channels; see {@link ScanSteps#SUMS}. */
  float[] sums = new float[0];

  private float[] laneSums = new float[0];

  /** {@code a[t+1] g[t+1]} of every block and state. */
  float[] carry = new float[0];

  /**
   * Panels of the inputs, from {@link #outputs} on of the outputs' gradients, and as far behind
   * those of the inputs' gradients.
   */
  float[] maps = new float[0];

  int outputs;

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
  record Call(
      ScanTables tables,
      Inputs in,
      Tensor dy,
      Tensor states,
      Outputs out,
      Sums sums,
      ScanParts parts) {}

  /** All directions of the blocks that part {@code part} of a group of a sample has. */
  void part(Call call, int sample, int group, int part) {
    ScanTables tables = call.tables();
    int first = call.parts().first(part);
    int end = call.parts().first(part + 1);
    reserve(tables, end - first);
    gather(call, sample, group, first, end);
    for (int i = 0; i < tables.perGroup(); i++) {
      direction(call, sample, group * tables.perGroup() + i, part);
    }
    scatter(call, sample, group, first, end);
  }

  private void gather(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int lanes = tables.lanes(block);
      int to = (block - first) * tables.panel;
      ByteBuffer inputs = call.in().u().bytes();
      panels.gather(inputs, map, tables.positions, lanes, maps, to);
      panels.gather(call.dy().bytes(), map, tables.positions, lanes, maps, outputs + to);
    }
    Arrays.fill(maps, 2 * outputs, 2 * outputs + (end - first) * tables.panel, 0);
  }

  private void scatter(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = 2 * outputs + (block - first) * tables.panel;
      ByteBuffer du = call.out().du().bytes();
      ScanPanels.scatter(maps, from, du, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks) {
    outputs = ScanSteps.apart(blocks * tables.panel);
    if (maps.length < 3 * outputs) {
      maps = new float[3 * outputs];
    }
    int states = tables.padded * WIDTH;
    if (start.length < states) {
      start = new float[states];
      b = new float[CHUNK * tables.padded];
      c = new float[CHUNK * tables.padded];
      laneSums = new float[CHUNK * tables.states * WIDTH / 4];
    }
    if (sums.length < tables.sums()) {
      sums = new float[tables.sums()];
    }
    if (carry.length < blocks * states) {
      carry = new float[blocks * states];
    }
  }

  private void direction(Call call, int sample, int direction, int part) {
    ScanTables tables = call.tables();
    int first = call.parts().first(part);
    int end = call.parts().first(part + 1);
    Arrays.fill(carry, 0, (end - first) * tables.padded * WIDTH, 0);
    for (int chunk = tables.chunks - 1; chunk >= 0; chunk--) {
      int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
      int step = tables.step(sample, direction, chunk * CHUNK);
      tables.coefficients(call.in().b(), step, count, b);
      tables.coefficients(call.in().c(), step, count, c);
      int delta = step * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      panels.touch(call.out().ddelta().bytes(), delta, tables.channels, length, count);
      Arrays.fill(sums, 0, tables.sums(), 0);
      for (int block = first; block < end; block++) {
        block(call, sample, direction, chunk, block, block - first);
      }
      sumLanes(call, step * tables.states, count * tables.states, part);
    }
  }

  /** Sums for {@code count} coefficients, which lie from {@code at} on. */
  private void sumLanes(Call call, int at, int count, int part) {
    int[] rows = call.tables().sumRows;
    LaneSums.of(sums, ScanSteps.DB, rows, Lanes.roundUp(count), laneSums);
    call.parts().putB(part, laneSums, call.out().db(), at, count);
    LaneSums.of(sums, ScanSteps.DC, rows, Lanes.roundUp(count), laneSums);
    call.parts().putC(part, laneSums, call.out().dc(), at, count);
  }

  /** One chunk of one block of channels. */
  private void block(Call call, int sample, int direction, int chunk, int block, int index) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
    int step = tables.step(sample, direction, chunk * CHUNK);
    int place = direction * tables.steps + chunk * CHUNK;
    int row = tables.row(direction, block);
    int panel = index * tables.panel;
    int lanes = tables.lanes(block);
    int delta = step * tables.channels + block * WIDTH;
    panels.sizes(call.in(), tables, step, block, row, e, steps, count);
    loadStart(call, sample, direction, chunk, block);
    int sum = sample * tables.skip.length + row;
    ByteBuffer to = call.out().ddelta().bytes();
    if (tables.states > 1) {
      prepare(tables, panel, place, count);
      states(call, sample, tables.rate(direction, block), index, count);
      finish(call, row, sum, panel, place, count);
      panels.storeSteps(ddelta, to, delta, tables.channels, lanes, count);
      return;
    }
    SingleState.repeat(this, tables, row, panel, place, count);
    int carried = index * WIDTH;
    if (lanes == WIDTH) {
      int stride = tables.channels;
      SingleState.back(this, call, row, sum, carried, panel, place, to, delta, stride, count);
    } else {
      SingleState.back(this, call, row, sum, carried, panel, place, panels.rows, 0, WIDTH, count);
      panels.putFew(to, delta, tables.channels, lanes, count);
    }
  }

  /** All states of a block along a chunk, two at a time. */
  private void states(Call call, int sample, int rates, int index, int count) {
    ScanTables tables = call.tables();
    int drates = sample * tables.rates.length + rates;
    int carries = index * tables.padded * WIDTH;
    int stride = tables.padded;
    for (int n = 0; n < stride; n += 2) {
      int at = n * WIDTH;
      StatePair.repeat(steps, tables.rates, rates + at, start, at, b, n, stride, count);
      StatePair.back(
          steps,
          tables.rates,
          rates + at,
          carry,
          carries + at,
          call.sums().rates(),
          drates + at,
          sums,
          ScanTables.pairSums(n),
          b,
          c,
          n,
          stride,
          count);
    }
  }

  private void loadStart(Call call, int sample, int direction, int chunk, int block) {
    ScanTables tables = call.tables();
    Arrays.fill(start, 0, tables.padded * WIDTH, 0);
    if (chunk > 0) {
      int saved = (sample * tables.directions + direction) * tables.geometry.savedStates();
      int from = (saved + chunk - 1) * tables.states * tables.channels + block * WIDTH;
      ByteBuffer states = call.states().bytes();
      ScanPanels.load(states, from, tables.channels, tables.lanes(block), tables.states, start, 0);
    }
  }

  /** Inputs and outputs of the chunk. */
  private void prepare(ScanTables tables, int panel, int place, int count) {
    float[] steps = this.steps;
    float[] maps = this.maps;
    int[] places = tables.places;
    int outputs = this.outputs;
    for (int i = 0; i < count; i++) {
      int step = i * ScanSteps.STRIDE;
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      int from = panel + places[place + i];
      size.mul(FloatVector.fromArray(SPECIES, maps, from)).intoArray(steps, step + ScanSteps.DTU);
      FloatVector.fromArray(SPECIES, maps, outputs + from).intoArray(steps, step + ScanSteps.DY);
      Lanes.zero().intoArray(steps, step + ScanSteps.GB);
      Lanes.zero().intoArray(steps, step + ScanSteps.GA);
    }
  }

  /** What is left once all states are through; leaves the gradient of delta in its scratch. */
  private void finish(Call call, int row, int sum, int panel, int place, int count) {
    float[] steps = this.steps;
    float[] maps = this.maps;
    float[] e = this.e;
    float[] ddelta = this.ddelta;
    int[] places = call.tables().places;
    int gradients = 2 * outputs;
    FloatVector skip = FloatVector.fromArray(SPECIES, call.tables().skip, row);
    FloatVector dskip = FloatVector.fromArray(SPECIES, call.sums().skip(), sum);
    FloatVector dbias = FloatVector.fromArray(SPECIES, call.sums().bias(), sum);
    for (int i = 0; i < count; i++) {
      int step = i * ScanSteps.STRIDE;
      int at = panel + places[place + i];
      FloatVector input = FloatVector.fromArray(SPECIES, maps, at);
      FloatVector output = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DY);
      FloatVector byInput = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GB);
      FloatVector byDecay =
          FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GA).mul(ScanMath.LN_2);
      FloatVector slope =
          byInput
              .lanewise(VectorOperators.FMA, input, byDecay)
              .mul(ScanMath.slope(FloatVector.fromArray(SPECIES, e, i * WIDTH)));
      slope.intoArray(ddelta, i * WIDTH);
      dbias = dbias.add(slope);
      dskip = output.lanewise(VectorOperators.FMA, input, dskip);
      FloatVector du = FloatVector.fromArray(SPECIES, maps, gradients + at);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      du = byInput.lanewise(VectorOperators.FMA, size, du);
      output.lanewise(VectorOperators.FMA, skip, du).intoArray(maps, gradients + at);
    }
    dskip.intoArray(call.sums().skip(), sum);
    dbias.intoArray(call.sums().bias(), sum);
  }
}
