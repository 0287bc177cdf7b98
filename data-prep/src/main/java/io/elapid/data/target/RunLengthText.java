package io.elapid.data.target;

import java.util.Arrays;

/**
 * COCO's compressed run lengths: from the fourth run on the difference to the run two before, in
 * groups of five bits from the lowest, a sixth bit where more follow, the last group's highest bit
 * the sign, each written as the character with code 48 + group.
 */
public final class RunLengthText {
  private static final int FIRST = 48;
  private static final int LAST = FIRST + 63;
  private static final int MAX_SHIFT = 35;

  private RunLengthText() {}

  /**
   * The run lengths of a text.
   *
   * @throws IllegalArgumentException if it has other characters, ends within a number or holds a
   *     number that is no run length
   */
  public static int[] decode(String text) {
    int[] counts = new int[text.length()];
    int filled = 0;
    int at = 0;
    while (at < text.length()) {
      long value = 0;
      int shift = 0;
      int group;
      do {
        if (at == text.length() || shift >= MAX_SHIFT) {
          throw new IllegalArgumentException("run lengths end within a number");
        }
        char c = text.charAt(at++);
        if (c < FIRST || c > LAST) {
          throw new IllegalArgumentException("run lengths with the character '" + c + "'");
        }
        group = c - FIRST;
        value |= (long) (group & 31) << shift;
        shift += 5;
      } while ((group & 32) != 0);
      if ((group & 16) != 0) {
        value |= -1L << shift;
      }
      long count = filled > 2 ? value + counts[filled - 2] : value;
      if (count < 0 || count > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("a run of " + count + " pixels");
      }
      counts[filled++] = (int) count;
    }
    return Arrays.copyOf(counts, filled);
  }

  /** The text of run lengths. */
  public static String encode(int[] counts) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < counts.length; i++) {
      long value = i > 2 ? (long) counts[i] - counts[i - 2] : counts[i];
      boolean more;
      do {
        int group = (int) (value & 31);
        value >>= 5;
        more = (group & 16) != 0 ? value != -1 : value != 0;
        text.append((char) (FIRST + (more ? group | 32 : group)));
      } while (more);
    }
    return text.toString();
  }
}
