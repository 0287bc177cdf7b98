package io.elapid.model.efficientvim;

import io.elapid.model.Heads;
import java.util.List;

/**
 * Sizes of an EfficientViM. All lists have one entry per stage.
 *
 * @param name name in recipes
 * @param imageSize side of the pictures it was published for
 * @param widths channels; a multiple of 8 in the first stage
 * @param blocks number of blocks
 * @param states number of hidden states of the mixer
 * @param heads of the official code only the first kind is in use
 */
public record EfficientViMConfig(
    String name,
    int imageSize,
    List<Integer> widths,
    List<Integer> blocks,
    List<Integer> states,
    Heads heads) {

  /** Checks that the lists fit together. */
  public EfficientViMConfig {
    widths = List.copyOf(widths);
    blocks = List.copyOf(blocks);
    states = List.copyOf(states);
    if (widths.isEmpty() || blocks.size() != widths.size() || states.size() != widths.size()) {
      throw new IllegalArgumentException(
          "%s needs as many widths %s as blocks %s and states %s"
              .formatted(name, widths, blocks, states));
    }
    if (widths.get(0) % 8 != 0) {
      throw new IllegalArgumentException(
          "%s: the stem halves the first width three times, so it must be a multiple of 8, not %d"
              .formatted(name, widths.get(0)));
    }
  }

  /** Number of stages. */
  public int stages() {
    return widths.size();
  }

  /** These sizes with other heads. */
  public EfficientViMConfig withHeads(Heads other) {
    return new EfficientViMConfig(name, imageSize, widths, blocks, states, other);
  }

  /** EfficientViM-M1: 6.7 M parameters. */
  public static EfficientViMConfig m1() {
    return new EfficientViMConfig(
        "efficientvim_m1",
        224,
        List.of(128, 192, 320),
        List.of(2, 2, 2),
        List.of(49, 25, 9),
        Heads.CLASSIFICATION);
  }

  /** EfficientViM-M2: 13.9 M parameters. */
  public static EfficientViMConfig m2() {
    return new EfficientViMConfig(
        "efficientvim_m2",
        224,
        List.of(128, 256, 512),
        List.of(2, 2, 2),
        List.of(49, 25, 9),
        Heads.CLASSIFICATION);
  }

  /** EfficientViM-M3: 16.6 M parameters. */
  public static EfficientViMConfig m3() {
    return new EfficientViMConfig(
        "efficientvim_m3",
        224,
        List.of(224, 320, 512),
        List.of(2, 2, 2),
        List.of(49, 25, 9),
        Heads.CLASSIFICATION);
  }

  /** EfficientViM-M4: 19.6 M parameters, for larger pictures. */
  public static EfficientViMConfig m4() {
    return new EfficientViMConfig(
        "efficientvim_m4",
        256,
        List.of(224, 320, 512),
        List.of(3, 4, 2),
        List.of(64, 32, 16),
        Heads.CLASSIFICATION);
  }

  /** Our own small one, not published: for small pictures, quick starts and tests. */
  public static EfficientViMConfig nano() {
    return new EfficientViMConfig(
        "efficientvim_nano",
        64,
        List.of(64, 96, 160),
        List.of(1, 1, 1),
        List.of(16, 9, 4),
        Heads.CLASSIFICATION);
  }
}
