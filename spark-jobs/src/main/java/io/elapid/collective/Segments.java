package io.elapid.collective;

/** A vector cut into one segment per rank, and each segment into chunks. */
final class Segments {
  /** Floats per chunk: large enough that a frame costs nothing, small enough for a pipeline. */
  static final int CHUNK = 1 << 17;

  private final int[] starts;

  Segments(int length, int ranks) {
    starts = new int[ranks + 1];
    for (int i = 0; i <= ranks; i++) {
      starts[i] = (int) ((long) length * i / ranks);
    }
  }

  int chunks(int segment) {
    return (starts[segment + 1] - starts[segment] + CHUNK - 1) / CHUNK;
  }

  /** First float of a chunk in the vector. */
  int start(int segment, int chunk) {
    return starts[segment] + chunk * CHUNK;
  }

  int floats(int segment, int chunk) {
    return Math.min(CHUNK, starts[segment + 1] - start(segment, chunk));
  }
}
