package io.elapid.backend.cuda;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.StepRule;

/**
 * How a scan of some sizes is cut for a device.
 *
 * @param blocks blocks of 32 channels
 * @param states number of states that the kernel is made for
 * @param segments parts of each direction that run at once
 * @param segmentSteps steps of each but the last, a multiple of {@link ScanGeometry#CHUNK}
 * @param window steps whose part of a map is in shared memory at once; a segment has whole windows
 * @param slices maps of results that are written, to be added
 * @param slice elements from one to the next; 0 where directions share none
 * @param sharedBytes shared memory that a block may ask for
 */
record ScanPlan(
    ScanGeometry geometry,
    int blocks,
    int states,
    int segments,
    int segmentSteps,
    int window,
    int slices,
    long slice,
    int sharedBytes) {
  static final int LANES = 32;

  /** Most states that the kernels keep in registers. */
  private static final int MOST_STATES = 16;

  /** Warps that keep a multiprocessor busy. */
  private static final int WARPS = 16;

  /** Chunks that a segment has at least: it repeats half of the work. */
  private static final int CHUNKS = 4;

  /** Shared memory of a block forwards at most: more would leave too few blocks side by side. */
  private static final int MERGED_BYTES = 64 << 10;

  /** Steps of a tile forwards, as in scan_step.cuh. */
  private static final int TILE = 8;

  /** Steps of a window about; so many leave room for a dozen warps on a multiprocessor. */
  private static final int WINDOW = 112;

  /** Chunks of a window where a direction is cut. */
  private static final int WINDOW_CHUNKS = 3;

  /** Floats of a sector, which is what the device's memory hands out. */
  private static final int SECTOR = 8;

  /** Warps of a block, as in scan_sequences.cu. */
  private static final int SEQUENCE_WARPS = 4;

  /** Most warps of a block backwards: what they add up they need not write each. */
  private static final int MOST_WARPS = 3;

  /** Steps of a tile backwards, as in scan_gradient.cu. */
  private static int backSteps(int states) {
    return states < 8 ? 16 : 8;
  }

  /** Whether there are kernels for that many states. */
  static boolean covers(ScanGeometry g) {
    return g.states() <= MOST_STATES;
  }

  /**
   * The plan for a device.
   *
   * @param multiprocessors those of the device
   * @param sharedBytes shared memory that it has for a block
   */
  static ScanPlan of(ScanGeometry g, int multiprocessors, int sharedBytes) {
    int blocks = (g.channels() + LANES - 1) / LANES;
    int states = Integer.highestOneBit(2 * g.states() - 1);
    long warps = (long) blocks * g.directions() * g.batch();
    long wanted = Math.max(1, (long) WARPS * multiprocessors / warps);
    int chunks = divideUp(g.steps(), ScanGeometry.CHUNK);
    long perSegment = Math.max(CHUNKS, divideUp(chunks, Math.min(chunks, wanted)));
    boolean whole = perSegment >= chunks;
    int window = whole ? window(g) : WINDOW_CHUNKS * ScanGeometry.CHUNK;
    int cut = divideUp((int) Math.min(perSegment, chunks), WINDOW_CHUNKS) * WINDOW_CHUNKS;
    int segmentSteps = whole ? chunks * ScanGeometry.CHUNK : cut * ScanGeometry.CHUNK;
    int segments = divideUp(g.steps(), segmentSteps);
    boolean shares = g.order() == ScanOrder.CROSS || g.order() == ScanOrder.BIDIRECTIONAL;
    long map = (long) g.batch() * g.mapChannels() * g.positions();
    return new ScanPlan(
        g,
        blocks,
        states,
        segments,
        segmentSteps,
        window,
        shares ? g.directions() : 1,
        shares ? map : 0,
        sharedBytes);
  }

  private static int divideUp(int count, long by) {
    return Math.toIntExact((count + by - 1) / by);
  }

  /**
   * Steps of a window: as many columns as share sectors, where there are scans down the columns.
   */
  private static int window(ScanGeometry g) {
    int columns =
        switch (g.order()) {
          case CROSS -> SECTOR * g.height();
          case ATROUS -> SECTOR / 2 * divideUp(g.height(), 2);
          default -> 1;
        };
    int steps = columns > WINDOW ? WINDOW : WINDOW / columns * columns;
    return divideUp(Math.min(steps, g.steps()), TILE) * TILE;
  }

  /** Whether all directions of a block of channels fit into shared memory together. */
  boolean isMerged() {
    return slices > 1
        && segments == 1
        && mergedFloats() * Float.BYTES <= Math.min(sharedBytes, MERGED_BYTES);
  }

  private long mergedFloats() {
    long tiles = (long) geometry.directions() * (tileFloats() + TILE);
    return tiles + (1L + geometry.directions()) * LANES * (geometry.positions() | 1);
  }

  private int windowFloats() {
    return LANES * (window | 1);
  }

  /** Of the kernels that bring maps into the order of steps and back. */
  Launch.Shape sequencesShape() {
    return new Launch.Shape(
        blocks * divideUp(geometry.steps(), window),
        geometry.directions() / partners(),
        geometry.batch(),
        partners() * SEQUENCE_WARPS * LANES,
        partners() * windowFloats() * Float.BYTES);
  }

  private int tileFloats() {
    return TILE * (LANES + 2 * states);
  }

  Launch.Shape mergedShape() {
    return new Launch.Shape(
        blocks,
        geometry.batch(),
        1,
        geometry.directions() * LANES,
        Math.toIntExact(mergedFloats() * Float.BYTES));
  }

  /** Directions of a block where the halves of the same sectors are for two. */
  private int partners() {
    return geometry.order() == ScanOrder.ATROUS ? 2 : 1;
  }

  /** Of scans forwards. */
  Launch.Shape forwardShape() {
    return new Launch.Shape(
        blocks * segments,
        geometry.directions() / partners(),
        geometry.batch(),
        partners() * LANES,
        partners() * forwardFloats() * Float.BYTES);
  }

  /** Of what segments begin with. */
  Launch.Shape segmentShape() {
    return new Launch.Shape(
        blocks * segments,
        geometry.directions(),
        geometry.batch(),
        LANES,
        forwardFloats() * Float.BYTES);
  }

  private int forwardFloats() {
    return tileFloats() + windowFloats();
  }

  /** Warps of a block of the gradient: as many blocks of channels. */
  private int warps() {
    int most = Math.min(MOST_WARPS, sharedBytes / gradientBytes());
    int least = (blocks + most - 1) / most;
    return (blocks + least - 1) / least;
  }

  /** Shared memory of a warp of the gradient. */
  private int gradientBytes() {
    int steps = backSteps(states);
    int keptStates = (steps + ScanGeometry.CHUNK / steps - 1) * states * LANES;
    int tiles = steps * (4 * LANES + 2 * states);
    int sums = 2 * steps * 2 * states;
    return (keptStates + tiles + sums) * Float.BYTES;
  }

  /** Blocks of the gradient along channels, of which each writes its sums over channels. */
  int groups() {
    return (blocks + warps() - 1) / warps();
  }

  Launch.Shape gradientShape() {
    return new Launch.Shape(
        groups() * segments,
        geometry.directions(),
        geometry.batch(),
        warps() * LANES,
        warps() * gradientBytes());
  }

  /** Elements of the map. */
  long mapElements() {
    return (long) geometry.batch() * geometry.mapChannels() * geometry.positions();
  }

  /** B K L D. */
  long sequenceElements() {
    return (long) geometry.batch() * rows() * geometry.steps();
  }

  /** K D. */
  long rows() {
    return (long) geometry.directions() * geometry.channels();
  }

  /** Steps' states: B K L N. */
  long stepStates() {
    return (long) geometry.batch() * geometry.directions() * geometry.steps() * geometry.states();
  }

  /** States that segments begin with: B K G N D. */
  long segmentStates() {
    return segmentTotals() * geometry.states();
  }

  /** B K G D. */
  long segmentTotals() {
    return (long) geometry.batch() * segments * rows();
  }

  /** The struct ScanSizes. */
  int[] sizes(SelectiveScanKernel.Inputs in) {
    ScanGeometry g = geometry;
    return new int[] {
      g.directions(),
      g.channels(),
      g.mapChannels(),
      g.order() == ScanOrder.SEQUENTIAL ? g.channels() : 0,
      g.steps(),
      g.positions(),
      g.states(),
      g.savedStates(),
      in.rule() == StepRule.SOFTPLUS ? 1 : 0
    };
  }
}
