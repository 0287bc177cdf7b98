package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.util.Optional;

/**
 * What all samples of a scan share: where steps lie, and the parameters by blocks of as many
 * channels as a register has lanes; lanes beyond the last channel hold zeros.
 *
 * <p>A group is a map with the directions that scan it: all of them, or for a sequential scan one,
 * whose channels nobody else reads.
 */
final class ScanTables {
  final ScanGeometry geometry;
  final int steps;

  /** Chunks of a direction. */
  final int chunks;

  final int positions;
  final int states;

  /**
   * States that are computed: where there are several, an even number of them. One more than there
   * are has coefficients of zero and adds nothing.
   */
  final int padded;

  final int channels;
  final int directions;
  final int groups;

  /** Blocks of channels of one direction. */
  final int blocks;

  /** Numbers in a panel: a register for each position, and one that stands for padding. */
  final int panel;

  /** Where in a panel step t of direction k reads and writes, at {@code k * steps + t}. */
  final int[] places;

  /**
   * Of a chunk's sums, where those for the gradient of {@code c[t, n]} lie, at {@code t * states +
   * n}; those for {@code b} lie {@link ScanSteps#DB} behind.
   */
  final int[] sumRows;

  /** {@code A log2(e)} at {@link #rate}, so that decays are powers of two. */
  final float[] rates;

  /** Per block of rows, at {@link #row}. */
  final float[] skip;

  /** Per block of rows, at {@link #row}. */
  final float[] bias;

  ScanTables(Inputs in) {
    geometry = in.geometry();
    steps = geometry.steps();
    chunks = (steps + ScanGeometry.CHUNK - 1) / ScanGeometry.CHUNK;
    positions = geometry.positions();
    states = geometry.states();
    padded = states == 1 ? 1 : (states + 1) / 2 * 2;
    channels = geometry.channels();
    directions = geometry.directions();
    groups = geometry.order() == ScanOrder.SEQUENTIAL ? directions : 1;
    blocks = Lanes.roundUp(channels) / WIDTH;
    panel = (positions + 1) * WIDTH;
    places = geometry.positionTable();
    for (int i = 0; i < places.length; i++) {
      places[i] = (places[i] == ScanOrder.PADDING ? positions : places[i]) * WIDTH;
    }
    sumRows = new int[ScanGeometry.CHUNK * states];
    for (int i = 0; i < sumRows.length; i++) {
      int n = i % states;
      sumRows[i] = pairSums(n) + i / states * ScanSteps.SUMS + n % 2 * ScanSteps.DC_2;
    }
    rates = rates(in.aLog());
    skip = rows(in.skip());
    bias = rows(in.bias());
  }

  /** Where the values of a block of a direction's channels start in a table of one per row. */
  int row(int direction, int block) {
    return (direction * blocks + block) * WIDTH;
  }

  /** Where the decay rates of a block start; state after state. */
  int rate(int direction, int block) {
    return row(direction, block) * padded;
  }

  /** Where the sums of the pair of state {@code n} start among a chunk's. */
  static int pairSums(int n) {
    return n / 4 * ScanGeometry.CHUNK * ScanSteps.SUMS + n / 2 % 2 * ScanSteps.PAIR;
  }

  /** Numbers in a chunk's sums. */
  int sums() {
    return pairSums((states + 3) / 4 * 4);
  }

  /** Fills {@code to} with the coefficients of {@code count} steps, {@link #padded} for each. */
  void coefficients(Tensor values, int step, int count, float[] to) {
    if (padded == states) {
      ScanPanels.copy(values.bytes(), step * states, count * states, to);
      return;
    }
    for (int i = 0; i < count; i++) {
      for (int n = 0; n < states; n++) {
        to[i * padded + n] = Lanes.get(values.bytes(), (step + i) * states + n);
      }
      to[i * padded + states] = 0;
    }
  }

  /** Directions of one group. */
  int perGroup() {
    return directions / groups;
  }

  /** Channels of a block. */
  int lanes(int block) {
    return Math.min(WIDTH, channels - block * WIDTH);
  }

  /** Where step {@code t} of a direction of a sample lies among all steps. */
  int step(int sample, int direction, int t) {
    return (sample * directions + direction) * steps + t;
  }

  /** Where the rows of a map start that a block of a group's channels reads. */
  int mapStart(int sample, int group, int block) {
    int channel = (sample * groups + group) * channels + block * WIDTH;
    return channel * positions;
  }

  private float[] rows(Optional<Tensor> values) {
    float[] table = new float[directions * blocks * WIDTH];
    if (values.isPresent()) {
      for (int i = 0; i < values.get().size(); i++) {
        table[row(i / channels, 0) + i % channels] = (float) values.get().at(i);
      }
    }
    return table;
  }

  private float[] rates(Tensor aLog) {
    float[] table = new float[directions * blocks * WIDTH * padded];
    for (int row = 0; row < directions * channels; row++) {
      int channel = row % channels;
      int start = rate(row / channels, channel / WIDTH) + channel % WIDTH;
      for (int n = 0; n < states; n++) {
        table[start + n * WIDTH] = Lanes.get(aLog.bytes(), row * states + n);
      }
    }
    for (int i = 0; i < table.length; i += WIDTH) {
      ScanMath.rates(table, i);
    }
    return table;
  }
}
