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
  final int channels;
  final int directions;
  final int groups;

  /** Blocks of channels of one direction. */
  final int blocks;

  /** Numbers in a panel: a register for each position, and one that stands for padding. */
  final int panel;

  /** Where in a panel step t of direction k reads and writes, at {@code k * steps + t}. */
  final int[] places;

  /** Of a chunk's sums, where that of state n and step t lies, at {@code t * states + n}. */
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
      sumRows[i] = (i % states * ScanGeometry.CHUNK + i / states) * WIDTH;
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
    return row(direction, block) * states;
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
    float[] table = new float[directions * blocks * WIDTH * states];
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
