package io.elapid.cli;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How much longer one of two sides takes that were measured in turns: the median over neighbouring
 * turns, and between what it lies with a confidence of 95 %, whatever the distribution.
 */
record Ratio(double low, double median, double high) {
  /** Standard deviations of a normal distribution that hold 95 % of it. */
  private static final double DEVIATIONS = 1.96;

  /** Of the times of both sides, turn by turn; with fewer than six the bounds are the extremes. */
  static Ratio of(long[] side, long[] other) {
    double[] ratios =
        IntStream.range(0, side.length).mapToDouble(i -> (double) side[i] / other[i]).toArray();
    Arrays.sort(ratios);
    int turns = ratios.length;
    // how many of the turns lie below the median is binomial, which is nearly normal
    int outside = Math.max(0, (int) ((turns - DEVIATIONS * Math.sqrt(turns)) / 2) - 1);
    return new Ratio(ratios[outside], Turns.medianRatio(side, other), ratios[turns - 1 - outside]);
  }

  /** What one of so many equal causes does of it. */
  Ratio ofOne(int causes) {
    return new Ratio(1 + (low - 1) / causes, 1 + (median - 1) / causes, 1 + (high - 1) / causes);
  }

  /** The same with a share of the other side's time on top. */
  Ratio plus(double share) {
    return new Ratio(low + share, median + share, high + share);
  }
}
