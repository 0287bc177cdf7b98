package io.elapid.model.efficientvmamba;

import java.util.List;

/**
 * Sizes of an EfficientVMamba: two stages of scanning blocks, then two of inverted residuals.
 *
 * @param name name in recipes
 * @param imageSize side of the pictures it was published for
 * @param width channels of the first stage, doubled at every further one; at least 8
 * @param blocks number of blocks per stage
 * @param dropPath rate at which the last block's branch is dropped in training; rates rise evenly
 *     from 0 at the first block
 */
public record EfficientVMambaConfig(
    String name, int imageSize, int width, List<Integer> blocks, double dropPath) {
  private static final int STAGES = 4;
  private static final int IMAGE_SIZE = 224;
  private static final double DROP_PATH = 0.2;

  /** Checks the sizes. */
  public EfficientVMambaConfig {
    blocks = List.copyOf(blocks);
    if (blocks.size() != STAGES || blocks.stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException(
          "%s needs at least one block in each of %d stages, not %s"
              .formatted(name, STAGES, blocks));
    }
    if (width < 8) {
      throw new IllegalArgumentException(
          "%s: the gates keep an eighth of the channels, so there must be 8 or more, not %d"
              .formatted(name, width));
    }
    if (dropPath < 0 || dropPath >= 1) {
      throw new IllegalArgumentException(name + ": no such rate of dropping paths: " + dropPath);
    }
  }

  /** Number of stages. */
  public int stages() {
    return STAGES;
  }

  /** Channels of a stage. */
  public int width(int stage) {
    return width << stage;
  }

  /** Rate at which the branch of block {@code block} of stage {@code stage} is dropped. */
  public double dropPath(int stage, int block) {
    int before = blocks.subList(0, stage).stream().mapToInt(Integer::intValue).sum();
    int total = blocks.stream().mapToInt(Integer::intValue).sum();
    return dropPath * (before + block) / (total - 1);
  }

  /** These sizes with the last block's branch dropped at that rate. */
  public EfficientVMambaConfig withDropPath(double rate) {
    return new EfficientVMambaConfig(name, imageSize, width, blocks, rate);
  }

  /** EfficientVMamba-T: 6.5 M parameters. */
  public static EfficientVMambaConfig t() {
    return published("efficientvmamba_t", 48, 4);
  }

  /**
   * EfficientVMamba-S with the width that the paper's table and the official configuration print:
   * 24.8 M parameters, not the 11 M that the paper counts.
   */
  public static EfficientVMambaConfig s() {
    return published("efficientvmamba_s", 96, 4);
  }

  /** EfficientVMamba-S with the width that gives the paper's counts: 11.3 M parameters. */
  public static EfficientVMambaConfig s64() {
    return published("efficientvmamba_s64", 64, 4);
  }

  /** EfficientVMamba-B: 33.7 M parameters. */
  public static EfficientVMambaConfig b() {
    return published("efficientvmamba_b", 96, 9);
  }

  private static EfficientVMambaConfig published(String name, int width, int thirdStage) {
    return new EfficientVMambaConfig(
        name, IMAGE_SIZE, width, List.of(2, 2, thirdStage, 2), DROP_PATH);
  }
}
