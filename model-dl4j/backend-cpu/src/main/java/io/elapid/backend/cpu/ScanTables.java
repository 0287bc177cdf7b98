package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What all samples of a scan share: where steps lie, and the parameters by blocks of as many
 * channels as a register has lanes; lanes beyond the last channel hold zeros.
 *
 * <p>A group is a map with the directions that scan it: all of them, or for a sequential scan one,
 * whose channels nobody else reads.
 */
final class ScanTables {
  /** Decays are powers of two; this one and its inverse are normal numbers. */
  static final float LARGEST_POWER = 126;

  final ScanGeometry geometry;
  final int steps;

  /** Chunks of a direction. */
  final int chunks;

  final int positions;
  final int states;

  /**
   * States that are computed: where there are several, fours of them. Those that there are not have
   * coefficients of zero and add nothing.
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
   * Of a chunk's sums, where those for the gradients of {@code c[t, n]} and {@code b[t, n]} lie, at
   * {@code t * states + n}.
   */
  final int[] sumRows;

  /** {@code A log2(e)} at {@link #rate}, so that decays are powers of two. */
  final float[] rates;

  /**
   * For each block of a direction, the largest size of a step with which all decays are normal
   * numbers.
   */
  private final float[] largestSizes;

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
    padded = states == 1 ? 1 : quads(states) * StateQuad.STATES;
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
      sumRows[i] = quadSums(n) + i / states * ScanSteps.SUMS + n % StateQuad.STATES * WIDTH;
    }
    rates = rates(in.aLog());
    largestSizes = largestSizes();
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

  /** Where the sums of the four states of {@code n} start among a chunk's. */
  static int quadSums(int n) {
    return n / StateQuad.STATES * ScanGeometry.CHUNK * ScanSteps.SUMS;
  }

  private static int quads(int states) {
    return (states + StateQuad.STATES - 1) / StateQuad.STATES;
  }

  /** Numbers in a chunk's sums. */
  int sums() {
    return quads(states) * ScanGeometry.CHUNK * ScanSteps.SUMS;
  }

  /** Numbers that {@link #coefficients} may write. */
  int coefficients() {
    return quadCoefficients(padded - 1) + ScanGeometry.CHUNK * StateQuad.COEFFICIENTS + WIDTH;
  }

  /** Where the coefficients of the four states of {@code n} start among a chunk's. */
  static int quadCoefficients(int n) {
    return n / StateQuad.STATES * ScanGeometry.CHUNK * StateQuad.COEFFICIENTS;
  }

  /**
   * Fills {@code to} with the coefficients of {@code count} steps: for each four states, at {@link
   * #quadCoefficients}, and for each step, four of b and four of c.
   */
  void coefficients(Inputs in, int step, int count, float[] to) {
    ByteBuffer b = in.b().bytes();
    ByteBuffer c = in.c().bytes();
    int whole = padded == states ? wholeRegisters(in.b(), step, count) : 0;
    for (int n = 0; n < states; n += StateQuad.STATES) {
      int first = quadCoefficients(n);
      int from = step * states + n;
      copy(b, c, from, states, to, first, whole);
      for (int i = whole; i < count; i++) {
        for (int j = 0; j < StateQuad.STATES; j++) {
          boolean isState = n + j < states;
          int at = from + i * states + j;
          int k = first + i * StateQuad.COEFFICIENTS + j;
          to[k] = isState ? Lanes.get(b, at) : 0;
          to[k + StateQuad.STATES] = isState ? Lanes.get(c, at) : 0;
        }
      }
    }
  }

  /** How many of {@code count} steps have a register of numbers from each of their fours on. */
  private int wholeRegisters(Tensor values, int step, int count) {
    long last = values.size() - Math.max(0, states - StateQuad.STATES) - WIDTH;
    return (int) Math.max(0, Math.min(count, Math.floorDiv(last, states) - step + 1));
  }

  /** Registers, of which what is not a step's own is overwritten by the next one. */
  private static void copy(
      ByteBuffer b, ByteBuffer c, int from, int stride, float[] to, int first, int count) {
    for (int i = 0; i < count; i++) {
      int k = first + i * StateQuad.COEFFICIENTS;
      Lanes.load(b, from + i * stride).intoArray(to, k);
      Lanes.load(c, from + i * stride).intoArray(to, k + StateQuad.STATES);
    }
  }

  /** Directions of one group. */
  int perGroup() {
    return directions / groups;
  }

  /**
   * Whether the {@code i}-th direction of a group is the first that comes to the positions it
   * visits: the grids of an atrous scan share none, other directions visit all.
   */
  boolean comesFirst(int i) {
    return i == 0 || geometry.order() == ScanOrder.ATROUS;
  }

  /** Where in a panel the register for padding lies, which in those of inputs is zero. */
  int padding() {
    return positions * WIDTH;
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

  /** Whether decays of steps up to a size, of a block of a direction, are all normal numbers. */
  boolean areNormal(float size, int direction, int block) {
    return size <= largestSizes[direction * blocks + block];
  }

  private float[] largestSizes() {
    float[] sizes = new float[directions * blocks];
    for (int i = 0; i < sizes.length; i++) {
      FloatVector fastest = Lanes.zero();
      for (int n = 0; n < padded; n++) {
        fastest =
            fastest.max(FloatVector.fromArray(SPECIES, rates, (i * padded + n) * WIDTH).abs());
      }
      sizes[i] = LARGEST_POWER / fastest.reduceLanes(VectorOperators.MAX);
    }
    return sizes;
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
