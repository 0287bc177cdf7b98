package io.elapid.optim;

import java.util.ArrayList;
import java.util.List;

/**
 * Elements {@code [from, to)} of the flat parameter vector that the optimiser treats alike.
 *
 * @param decayScale factor on the optimiser's weight decay: 1 for ordinary weights, 0 for the
 *     vectors and biases that published recipes leave alone
 */
public record ParameterRange(int from, int to, double decayScale) {
  public ParameterRange {
    if (from < 0 || to < from || !(decayScale >= 0)) {
      throw new IllegalArgumentException(
          "not a range: [%d, %d) with decay scale %s".formatted(from, to, decayScale));
    }
  }

  /** A range whose weights decay. */
  public static ParameterRange decayed(int from, int to) {
    return new ParameterRange(from, to, 1);
  }

  /** A range whose weights do not decay. */
  public static ParameterRange undecayed(int from, int to) {
    return new ParameterRange(from, to, 0);
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
      if (last >= 0 && joined.get(last).decayScale() == range.decayScale()) {
        joined.set(last, new ParameterRange(joined.get(last).from(), end, range.decayScale()));
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
