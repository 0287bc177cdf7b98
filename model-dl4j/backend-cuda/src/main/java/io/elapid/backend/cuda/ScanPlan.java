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
 * @param slices maps of results that are written, to be added
 * @param slice elements from one to the next; 0 where directions share none
 */
record ScanPlan(
    ScanGeometry geometry,
    int blocks,
    int states,
    int segments,
    int segmentSteps,
    int slices,
    long slice) {
  static final int LANES = 32;

  /** Most states that the kernels keep in registers. */
  private static final int MOST_STATES = 16;

  /** Warps that keep a multiprocessor busy. */
  private static final int WARPS = 16;

  /** Chunks that a segment has at least: it repeats half of the work. */
  private static final int CHUNKS = 4;

  /** What every device has for a block, in floats. */
  private static final int SHARED_FLOATS = (48 << 10) / Float.BYTES;

  /** Steps whose states the gradient keeps at once, as in scan_gradient.cu. */
  private static int stretch(int states) {
    return Math.min(ScanGeometry.CHUNK, 128 / states);
  }

  /** Whether there are kernels for that many states. */
  static boolean covers(ScanGeometry g) {
    return g.states() <= MOST_STATES;
  }

  /** The plan for a device of so many multiprocessors. */
  static ScanPlan of(ScanGeometry g, int multiprocessors) {
    int blocks = (g.channels() + LANES - 1) / LANES;
    int states = Integer.highestOneBit(2 * g.states() - 1);
    long warps = (long) blocks * g.directions() * g.batch();
    long wanted = Math.max(1, (long) WARPS * multiprocessors / warps);
    int chunks = (g.steps() + ScanGeometry.CHUNK - 1) / ScanGeometry.CHUNK;
    int perSegment = (int) Math.max(CHUNKS, (chunks + wanted - 1) / wanted);
    int segments = (chunks + perSegment - 1) / perSegment;
    boolean shares = g.order() == ScanOrder.CROSS || g.order() == ScanOrder.BIDIRECTIONAL;
    long map = (long) g.batch() * g.mapChannels() * g.positions();
    return new ScanPlan(
        g,
        blocks,
        states,
        segments,
        perSegment * ScanGeometry.CHUNK,
        shares ? g.directions() : 1,
        shares ? map : 0);
  }

  /** Whether all directions of a block of channels fit into shared memory together. */
  boolean isMerged() {
    return slices > 1 && segments == 1 && mergedFloats() <= SHARED_FLOATS;
  }

  private long mergedFloats() {
    return (1L + geometry.directions()) * LANES * (geometry.positions() | 1);
  }

  Launch.Shape mergedShape() {
    return new Launch.Shape(
        blocks,
        geometry.batch(),
        1,
        geometry.directions() * LANES,
        Math.toIntExact(mergedFloats() * Float.BYTES));
  }

  Launch.Shape shape() {
    return new Launch.Shape(blocks * segments, geometry.directions(), geometry.batch(), LANES, 0);
  }

  Launch.Shape gradientShape() {
    int floats = (stretch(states) + ScanGeometry.CHUNK / stretch(states)) * states * LANES;
    return new Launch.Shape(
        blocks * segments, geometry.directions(), geometry.batch(), LANES, floats * Float.BYTES);
  }

  /** Elements of the map. */
  long mapElements() {
    return (long) geometry.batch() * geometry.mapChannels() * geometry.positions();
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
