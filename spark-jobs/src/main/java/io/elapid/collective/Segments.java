package io.elapid.collective;

/** A vector cut into one segment per rank, and each segment into chunks. */
final class Segments {
  /**
   * Most floats per chunk: large enough that a frame costs nothing, small enough for a pipeline.
   */
  private static final int MOST = 1 << 17;

  /** Fewest floats per chunk: less costs more in frames than it gains by overlap. */
  private static final int FEWEST = 1 << 13;

  /**
   * So many chunks for a segment that would be too few otherwise: a pipeline wants several. Of a
   * vector of 1 MB, 8 took 8 % longer than 4, 16 took 30 %.
   */
  private static final int DEPTH = 4;

  private final int[] starts;
  private final int chunk;

  Segments(int length, int ranks) {
    starts = new int[ranks + 1];
    for (int i = 0; i <= ranks; i++) {
      starts[i] = (int) ((long) length * i / ranks);
    }
    chunk = Math.max(FEWEST, Math.min(MOST, length / ranks / DEPTH));
  }

  /** Most floats in a chunk. */
  int chunkFloats() {
    return chunk;
  }

  int chunks(int segment) {
    return (starts[segment + 1] - starts[segment] + chunk - 1) / chunk;
  }

  /** First float of a chunk in the vector. */
  int start(int segment, int number) {
    return starts[segment] + number * chunk;
  }

  int floats(int segment, int number) {
    return Math.min(chunk, starts[segment + 1] - start(segment, number));
  }
}
