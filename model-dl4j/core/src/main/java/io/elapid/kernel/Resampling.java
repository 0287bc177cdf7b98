package io.elapid.kernel;

import java.util.Arrays;

/** How one dimension of a map gets another length. */
public enum Resampling {
  /** Linear interpolation between pixel centres, not beyond the outermost ones. */
  LINEAR {
    @Override
    public Taps taps(int index, int from, int to) {
      return Taps.of(Interpolation.at(index, to, from));
    }
  },
  /** Linear interpolation; the first and the last pixels of both lengths coincide. */
  LINEAR_CORNERS {
    @Override
    public Taps taps(int index, int from, int to) {
      double source = to == 1 ? 0 : (double) index * (from - 1) / (to - 1);
      int before = Math.min((int) source, from - 1);
      int after = Math.min(before + 1, from - 1);
      return Taps.of(new Interpolation(before, after, source - before));
    }
  },
  /** The pixel {@code floor(index from / to)}. */
  NEAREST {
    @Override
    public Taps taps(int index, int from, int to) {
      return new Taps((int) ((long) index * from / to), new double[] {1});
    }
  },
  /** Every second pixel, beginning with the first: pooling with a window of one and stride 2. */
  EVERY_SECOND {
    @Override
    public Taps taps(int index, int from, int to) {
      return new Taps(2 * index, new double[] {1});
    }
  },
  /**
   * Means over {@code floor(index from / to)} to {@code ceil((index + 1) from / to)}: adaptive
   * average pooling.
   */
  MEAN {
    @Override
    public Taps taps(int index, int from, int to) {
      int first = (int) ((long) index * from / to);
      int end = (int) (((index + 1L) * from + to - 1) / to);
      double[] weights = new double[end - first];
      Arrays.fill(weights, 1.0 / weights.length);
      return new Taps(first, weights);
    }
  };

  /**
   * What a pixel is made of.
   *
   * @param first the first pixel that counts
   * @param weights of that pixel and those that follow
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Taps(int first, double[] weights) {
    private static Taps of(Interpolation at) {
      return at.after() == at.before()
          ? new Taps(at.before(), new double[] {1})
          : new Taps(at.before(), new double[] {1 - at.weight(), at.weight()});
    }
  }

  /** What pixel {@code index} of {@code to} is made of, of {@code from} pixels. */
  public abstract Taps taps(int index, int from, int to);

  /** Whether a dimension of length {@code from} can get the length {@code to}. */
  public boolean allows(long from, long to) {
    return from > 0 && (this == EVERY_SECOND ? to == (from + 1) / 2 : to > 0);
  }
}
