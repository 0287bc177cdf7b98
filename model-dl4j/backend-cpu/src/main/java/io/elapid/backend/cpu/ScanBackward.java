package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Gradient of a scan, some blocks of channels of a sample at a time on one thread.
 *
 * <p>Goes through the chunks of a direction from the last to the first and through blocks of
 * channels in each, so that the gradients of b and c, which sum over channels, stay in the cache as
 * registers and are summed across lanes once. Within a chunk and four states, decays and states are
 * computed again from the states saved before the chunk.
 */
final class ScanBackward {
  private static final int CHUNK = ScanGeometry.CHUNK;

  private final ScanPanels panels = new ScanPanels();

  /** Steps, sums and panels. */
  float[] scratch = new float[0];

  float[] start = new float[0];

  /** Of a chunk, see {@link ScanTables#coefficients}. */
  float[] coefficients = new float[0];

  /** Where the first step of a chunk lies; see {@link ScanSteps}. */
  final int origin = CacheLines.FIRST;

  /**
   * Where the sums of a chunk over channels lie, all zero between chunks; see {@link
   * ScanSteps#SUMS}.
   */
  final int firstSum = origin + ScanSteps.sums();

  /** How many numbers from there on are zero, outside of {@link #part}. */
  private int cleared;

  private float[] laneSums = new float[0];

  /** {@code a[t+1] g[t+1]} of every block and state. */
  float[] carry = new float[0];

  /**
   * How far behind the panels of the inputs those of the outputs' gradients lie, and behind these
   * those of the inputs' gradients.
   */
  int outputs;

  /** Whether nobody has written yet where the direction under way writes its inputs' gradients. */
  boolean isFirst;

  /** Where the first panel lies. */
  private int firstMap;

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
    cleared = 0;
    gather(call, sample, group, first, end);
    for (int i = 0; i < tables.perGroup(); i++) {
      isFirst = tables.comesFirst(i);
      direction(call, sample, group * tables.perGroup() + i, part);
    }
    scatter(call, sample, group, first, end);
    // States that there are not add zeros to their sums, or NaN, and nobody takes those.
    cleared = tables.padded == tables.states ? tables.sums() : 0;
  }

  private void gather(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int lanes = tables.lanes(block);
      int to = panel(tables, block - first);
      ByteBuffer inputs = call.in().u().bytes();
      panels.gather(inputs, map, tables.positions, lanes, scratch, to);
      panels.gather(call.dy().bytes(), map, tables.positions, lanes, scratch, outputs + to);
    }
  }

  private void scatter(Call call, int sample, int group, int first, int end) {
    ScanTables tables = call.tables();
    for (int block = first; block < end; block++) {
      int map = tables.mapStart(sample, group, block);
      int from = 2 * outputs + panel(tables, block - first);
      ByteBuffer du = call.out().du().bytes();
      panels.scatter(scratch, from, du, map, tables.positions, tables.lanes(block));
    }
  }

  private void reserve(ScanTables tables, int blocks) {
    outputs = ScanSteps.apart(blocks * tables.panel);
    firstMap = firstSum + ScanSteps.apart(tables.sums());
    if (scratch.length < firstMap + 3 * outputs) {
      scratch = CacheLines.array(firstMap + 3 * outputs);
    } else if (cleared < tables.sums()) {
      Arrays.fill(scratch, firstSum, firstSum + tables.sums(), 0);
    }
    int states = tables.padded * WIDTH;
    if (start.length < states) {
      start = new float[states];
      coefficients = new float[tables.coefficients()];
      laneSums = new float[CHUNK * states / 2];
    }
    if (carry.length < blocks * states) {
      carry = new float[blocks * states];
    }
  }

  private int panel(ScanTables tables, int index) {
    return firstMap + index * tables.panel;
  }

  private void direction(Call call, int sample, int direction, int part) {
    ScanTables tables = call.tables();
    int first = call.parts().first(part);
    int end = call.parts().first(part + 1);
    Arrays.fill(carry, 0, (end - first) * tables.padded * WIDTH, 0);
    for (int chunk = tables.chunks - 1; chunk >= 0; chunk--) {
      int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
      int step = tables.step(sample, direction, chunk * CHUNK);
      tables.coefficients(call.in(), step, count, coefficients);
      int delta = step * tables.channels + first * WIDTH;
      int length = Math.min(tables.channels, end * WIDTH) - first * WIDTH;
      panels.touch(call.in().delta().bytes(), delta, tables.channels, length, count);
      panels.touch(call.out().ddelta().bytes(), delta, tables.channels, length, count);
      touchStart(call, sample, direction, chunk, first * WIDTH, length);
      for (int block = first; block < end; block++) {
        block(call, sample, direction, chunk, block, block - first);
      }
      sumLanes(call, step * tables.states, count * tables.states, part);
    }
  }

  /** Sums for {@code count} coefficients, which lie from {@code at} on. */
  private void sumLanes(Call call, int at, int count, int part) {
    int[] rows = call.tables().sumRows;
    LaneSums.takePairs(scratch, firstSum, rows, Lanes.roundUp(count), laneSums);
    call.parts().put(part, laneSums, call.out(), at, count);
  }

  /** One chunk of one block of channels. */
  private void block(Call call, int sample, int direction, int chunk, int block, int index) {
    ScanTables tables = call.tables();
    int count = Math.min(CHUNK, tables.steps - chunk * CHUNK);
    int step = tables.step(sample, direction, chunk * CHUNK);
    int place = direction * tables.steps + chunk * CHUNK;
    int row = tables.row(direction, block);
    int panel = panel(tables, index);
    int lanes = tables.lanes(block);
    int delta = step * tables.channels + block * WIDTH;
    panels.sizes(call.in(), tables, step, block, row, scratch, origin, count);
    loadStart(call, sample, direction, chunk, block);
    int sum = sample * tables.skip.length + row;
    ByteBuffer to = call.out().ddelta().bytes();
    int stride = tables.channels;
    if (lanes < WIDTH) {
      to = panels.rows;
      delta = 0;
      stride = WIDTH;
    }
    if (tables.states > 1) {
      float largest = StepGradient.prepare(this, tables, panel, place, count);
      boolean areNormal = tables.areNormal(largest, direction, block);
      states(call, sample, tables.rate(direction, block), index, areNormal, count);
      StepGradient.finish(this, call, row, sum, panel, place, to, delta, stride, count);
    } else {
      ScanMath.sizes(scratch, origin, count);
      SingleState.repeat(this, tables, row, panel, place, count);
      int carried = index * WIDTH;
      SingleState.back(this, call, row, sum, carried, panel, place, to, delta, stride, count);
    }
    if (lanes < WIDTH) {
      int end = step * tables.channels + block * WIDTH;
      panels.putFew(call.out().ddelta().bytes(), end, tables.channels, lanes, count);
    }
  }

  /** All states of a block along a chunk, four at a time. */
  private void states(Call call, int sample, int rates, int index, boolean areNormal, int count) {
    ScanTables tables = call.tables();
    int drates = sample * tables.rates.length + rates;
    int carries = index * tables.padded * WIDTH;
    for (int n = 0; n < tables.padded; n += StateQuad.STATES) {
      int at = n * WIDTH;
      int rate = rates + at;
      int sums = firstSum + ScanTables.quadSums(n);
      int k = ScanTables.quadCoefficients(n);
      if (areNormal) {
        StateQuad.repeat(scratch, origin, tables.rates, rate, start, at, coefficients, k, count);
      } else {
        WideDecays.repeat(scratch, origin, tables.rates, rate, start, at, coefficients, k, count);
      }
      StateQuadGradient.back(
          scratch,
          origin,
          tables.rates,
          rate,
          carry,
          carries + at,
          call.sums().rates(),
          drates + at,
          sums,
          coefficients,
          k,
          count);
    }
  }

  /** Brings the states before a chunk into the cache, see {@link ScanPanels#touch}. */
  private void touchStart(
      Call call, int sample, int direction, int chunk, int channel, int channels) {
    if (chunk > 0) {
      ScanTables tables = call.tables();
      int saved = (sample * tables.directions + direction) * tables.geometry.savedStates();
      int from = (saved + chunk - 1) * tables.states * tables.channels + channel;
      panels.touch(call.states().bytes(), from, tables.channels, channels, tables.states);
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
}
