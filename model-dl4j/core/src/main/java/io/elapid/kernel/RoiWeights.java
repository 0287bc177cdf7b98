package io.elapid.kernel;

import java.util.Arrays;

/**
 * What the pixels along one dimension of a map count in the bins of a region. Both a bilinear
 * sample and the rule for samples outside are products of one factor per dimension, so a bin is
 * {@code sum_y sum_x rows[y] columns[x] map[y, x]}.
 *
 * @param first pixel that counts in each bin
 * @param offset of a bin's weights; the last number is their count
 * @param weights of a bin's first pixel and those that follow
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RoiWeights(int[] first, int[] offset, double[] weights) {
  /** For the bins of a region on a map of that length. */
  public static RoiWeights of(RoiSpan span, int bins, int length) {
    int[] first = new int[bins];
    int[] offset = new int[bins + 1];
    double[] weights = new double[length + 4 * bins];
    double[] bin = new double[length];
    for (int b = 0; b < bins; b++) {
      first[b] = length;
      int end = 0;
      for (int i = from(span, b); i <= to(span, b, length); i++) {
        double at = span.sample(b, i);
        if (RoiSpan.isInside(at, length)) {
          Interpolation between = RoiSpan.between(at, length);
          bin[between.before()] += (1 - between.weight()) / span.grid();
          bin[between.after()] += between.weight() / span.grid();
          first[b] = Math.min(first[b], between.before());
          end = Math.max(end, between.after() + 1);
        }
      }
      int count = Math.max(0, end - first[b]);
      first[b] = count == 0 ? 0 : first[b];
      offset[b + 1] = offset[b] + count;
      if (offset[b + 1] > weights.length) {
        weights = Arrays.copyOf(weights, 2 * offset[b + 1]);
      }
      System.arraycopy(bin, first[b], weights, offset[b], count);
      Arrays.fill(bin, first[b], first[b] + count, 0);
    }
    return new RoiWeights(first, offset, weights);
  }

  /** A sample of a bin before which all lie outside; a huge region must not take for ever. */
  private static int from(RoiSpan span, int bin) {
    double skipped = (-1 - (span.start() + bin * span.bin())) / span.bin() * span.grid();
    return span.bin() > 0 ? (int) Math.max(0, Math.floor(skipped) - 1) : 0;
  }

  /** A sample of a bin after which all lie outside. */
  private static int to(RoiSpan span, int bin, int length) {
    double done = (length - (span.start() + bin * span.bin())) / span.bin() * span.grid();
    return span.bin() > 0
        ? (int) Math.min(span.grid() - 1.0, Math.ceil(done) + 1)
        : span.grid() - 1;
  }

  /** Number of bins. */
  public int bins() {
    return first.length;
  }

  /** How many pixels count in a bin. */
  public int count(int bin) {
    return offset[bin + 1] - offset[bin];
  }

  /** The first pixel that counts in any bin; 0 if none does. */
  public int begin() {
    int begin = Integer.MAX_VALUE;
    for (int b = 0; b < bins(); b++) {
      begin = count(b) > 0 ? Math.min(begin, first[b]) : begin;
    }
    return begin == Integer.MAX_VALUE ? 0 : begin;
  }

  /** The pixel after the last that counts in any bin; 0 if none does. */
  public int end() {
    int end = 0;
    for (int b = 0; b < bins(); b++) {
      end = count(b) > 0 ? Math.max(end, first[b] + count(b)) : end;
    }
    return end;
  }
}
