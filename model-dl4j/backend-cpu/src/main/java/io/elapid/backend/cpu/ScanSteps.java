package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;

/**
 * Where the registers of a step lie in a chunk's scratch: all those of one step side by side, then
 * those of the next.
 *
 * <p>Tables of their own for each would lie any distance apart. A processor takes a load for one of
 * what a store before it has yet to write when the two agree in their last twelve bits, and makes
 * it wait: loops over tables that lie multiples of 4096 bytes apart, or a few lines more, take
 * three times as long. Records of an odd number of registers never meet like that within the steps
 * that a processor has in flight.
 */
final class ScanSteps {
  /** Size of the step. */
  static final int DT = 0;

  /** Size of the step times its input. */
  static final int DTU = WIDTH;

  /** The output, on the way forward. */
  static final int OUT = 2 * WIDTH;

  /** Gradient of the output, on the way back. */
  static final int DY = 2 * WIDTH;

  /** {@code sum_n g b}. */
  static final int GB = 3 * WIDTH;

  /** {@code sum_n g a h A / ln 2}. */
  static final int GA = 4 * WIDTH;

  /** The first of four states before the step. */
  static final int H_0 = 5 * WIDTH;

  /** Its decay. */
  static final int DECAY_0 = 6 * WIDTH;

  /** From one state of the four, or its decay, to the next. */
  static final int NEXT_STATE = 2 * WIDTH;

  static final int H_1 = H_0 + NEXT_STATE;
  static final int DECAY_1 = DECAY_0 + NEXT_STATE;
  static final int H_2 = H_1 + NEXT_STATE;
  static final int DECAY_2 = DECAY_1 + NEXT_STATE;
  static final int H_3 = H_2 + NEXT_STATE;
  static final int DECAY_3 = DECAY_2 + NEXT_STATE;

  /** From one step to the next. */
  static final int STRIDE = 13 * WIDTH;

  /**
   * Behind all steps and the states after the last, a register for each step: {@code e^-|x|} with
   * the sign of {@code x}, of which the size of the step is made.
   */
  static final int E = (ScanGeometry.CHUNK + 1) * STRIDE;

  /** A chunk's numbers. */
  static final int SIZE = E + ScanGeometry.CHUNK * WIDTH;

  /**
   * Sums over channels for the first of four states, step by step, before lanes are summed: those
   * for the gradient of {@code c}, of {@code dy h}, in even lanes, each with its neighbour's, and
   * those for {@code b}, of {@code g dt u}, in odd lanes.
   */
  static final int SUM_0 = 0;

  static final int SUM_1 = WIDTH;
  static final int SUM_2 = 2 * WIDTH;
  static final int SUM_3 = 3 * WIDTH;

  /** From one step's sums to the next's: as for steps, beside which they are read and written. */
  static final int SUMS = STRIDE;

  /**
   * How far behind the steps sums begin, beyond multiples of 4096 bytes: where steps have been read
   * that loops on the way back left last, and come to again as late as possible.
   */
  private static final int SUMS_BEHIND = STRIDE;

  /** Numbers by which streams through memory start apart, beyond multiples of 4096 bytes. */
  private static final int APART = 336;

  private ScanSteps() {}

  /**
   * How far apart tables of {@code size} numbers are to start that are read and written together.
   */
  static int apart(int size) {
    return pages(size) + APART;
  }

  /** How far behind the first step the first sum lies. */
  static int sums() {
    return pages(SIZE) + SUMS_BEHIND;
  }

  private static int pages(int size) {
    return (size + 1023) / 1024 * 1024;
  }
}
