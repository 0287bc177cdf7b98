package io.elapid.box;

import io.elapid.data.SplitMix;
import java.util.Arrays;

/**
 * Draws the candidates that a head learns from.
 *
 * @param count most candidates of a picture
 * @param positiveShare most of them that are positive; background fills the rest
 */
public record RandomSampler(int count, double positiveShare) {

  /** Indices of the candidates drawn, ascending. */
  public record Draw(int[] positives, int[] negatives) {}

  /** Most positive candidates of a picture. */
  public int mostPositives() {
    return (int) (count * positiveShare);
  }

  /** A pure function of the assignment and the seed. */
  public Draw draw(Assignment assignment, long seed) {
    SplitMix random = new SplitMix(seed);
    int[] positives = some(indices(assignment, Role.POSITIVE), mostPositives(), random);
    int[] negatives = some(indices(assignment, Role.NEGATIVE), count - positives.length, random);
    return new Draw(positives, negatives);
  }

  private enum Role {
    POSITIVE,
    NEGATIVE
  }

  private static int[] indices(Assignment assignment, Role role) {
    int[] found = new int[assignment.size()];
    int count = 0;
    for (int i = 0; i < found.length; i++) {
      boolean wanted =
          role == Role.POSITIVE
              ? assignment.isPositive(i)
              : assignment.truths()[i] == Assignment.BACKGROUND;
      if (wanted) {
        found[count++] = i;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /** The first steps of Fisher and Yates' shuffle. */
  private static int[] some(int[] all, int most, SplitMix random) {
    if (all.length <= most) {
      return all;
    }
    for (int i = 0; i < most; i++) {
      int other = i + random.nextInt(all.length - i);
      int taken = all[other];
      all[other] = all[i];
      all[i] = taken;
    }
    int[] drawn = Arrays.copyOf(all, most);
    Arrays.sort(drawn);
    return drawn;
  }
}
