package io.elapid.model.tinyvim;

import io.elapid.model.Heads;
import java.util.List;

/**
 * Sizes of a TinyViM. All lists have one entry per stage, and there are four stages.
 *
 * @param name name in recipes
 * @param imageSize side of the pictures it was published for
 * @param widths channels, multiples of four
 * @param blocks number of blocks
 * @param heads the official code trains with both kinds; the paper counts parameters without
 *     distillation
 */
public record TinyViMConfig(
    String name, int imageSize, List<Integer> widths, List<Integer> blocks, Heads heads) {
  private static final int STAGES = 4;
  private static final int IMAGE_SIZE = 224;

  /** Checks that the lists fit together. */
  public TinyViMConfig {
    widths = List.copyOf(widths);
    blocks = List.copyOf(blocks);
    if (widths.size() != STAGES || blocks.size() != STAGES) {
      throw new IllegalArgumentException(
          "%s needs four widths and numbers of blocks, not %s and %s"
              .formatted(name, widths, blocks));
    }
    if (widths.stream().anyMatch(width -> width % 4 != 0)) {
      throw new IllegalArgumentException(
          "%s: a quarter of the channels may be low frequencies, so widths must be multiples of 4,"
                  .formatted(name)
              + " not "
              + widths);
    }
  }

  /** Number of stages. */
  public int stages() {
    return STAGES;
  }

  /** These sizes with other heads. */
  public TinyViMConfig withHeads(Heads other) {
    return new TinyViMConfig(name, imageSize, widths, blocks, other);
  }

  /**
   * Whether a block has the state-space mixer: the last of every stage has, and the one in the
   * middle of the third stage.
   */
  boolean mixes(int stage, int block) {
    int count = blocks.get(stage);
    return block == count - 1 || (stage == 2 && block == count / 2);
  }

  /** TinyViM-S: 5.6 M parameters with one head. */
  public static TinyViMConfig small() {
    return official("tinyvim_s", List.of(48, 64, 168, 224), List.of(3, 3, 9, 6));
  }

  /** TinyViM-B: 11.1 M parameters with one head. */
  public static TinyViMConfig base() {
    return official("tinyvim_b", List.of(48, 96, 192, 384), List.of(4, 3, 10, 5));
  }

  /** TinyViM-L: 31.8 M parameters with one head. */
  public static TinyViMConfig large() {
    return official("tinyvim_l", List.of(64, 128, 384, 512), List.of(4, 4, 12, 6));
  }

  private static TinyViMConfig official(String name, List<Integer> widths, List<Integer> blocks) {
    return new TinyViMConfig(
        name, IMAGE_SIZE, widths, blocks, Heads.CLASSIFICATION_AND_DISTILLATION);
  }
}
