package io.elapid.optim;

import java.util.ArrayList;
import java.util.List;

/**
 * Elements {@code [from, to)} of the flat parameter vector that the optimiser treats alike.
 *
 * @param rateScale factor on the learning rate; 0 for what is frozen, moments included
 * @param decayScale factor on the optimiser's weight decay: 1 for ordinary weights, 0 for the
 *     vectors and biases that published recipes leave alone
 */
public record ParameterRange(int from, int to, double rateScale, double decayScale) {
  public ParameterRange {
    if (from < 0 || to < from || !(decayScale >= 0) || !(rateScale >= 0)) {
      throw new IllegalArgumentException(
          "not a range: [%d, %d) with rate scale %s and decay scale %s"
              .formatted(from, to, rateScale, decayScale));
    }
  }

  /** A range whose weights decay. */
  public static ParameterRange decayed(int from, int to) {
    return new ParameterRange(from, to, 1, 1);
  }

  /** A range whose weights do not decay. */
  public static ParameterRange undecayed(int from, int to) {
    return new ParameterRange(from, to, 1, 0);
  }

  /** A range that the optimiser leaves as it is. */
  public static ParameterRange frozen(int from, int to) {
    return new ParameterRange(from, to, 0, 0);
  }

  boolean frozen() {
    return rateScale == 0;
  }

  private boolean treatedAs(ParameterRange other) {
    return rateScale == other.rateScale && (frozen() || decayScale == other.decayScale);
  }

  /**
   * Joins neighbours that are treated alike, and refuses ranges that do not cover {@code [0,
   * length)} in order without gap or overlap.
   */
  static List<ParameterRange> tile(List<ParameterRange> ranges, int length) {
    List<ParameterRange> joined = new ArrayList<>();
    int end = 0;
    for (ParameterRange range : ranges) {
      if (range.from() != end) {
        throw new IllegalArgumentException(
            "parameter ranges leave a gap or overlap at %d: next is %s".formatted(end, range));
      }
      end = range.to();
      int last = joined.size() - 1;
      if (last >= 0 && joined.get(last).treatedAs(range)) {
        ParameterRange before = joined.get(last);
        joined.set(
            last, new ParameterRange(before.from(), end, before.rateScale(), before.decayScale()));
      } else {
        joined.add(range);
      }
    }
    if (end != length) {
      throw new IllegalArgumentException(
          "parameter ranges cover %d of %d elements".formatted(end, length));
    }
    return List.copyOf(joined);
  }
}
