package io.elapid.model.mobilemamba;

import io.elapid.model.Heads;
import java.util.List;

/**
 * Sizes of a MobileMamba. All lists have one entry per stage.
 *
 * @param name name in recipes
 * @param imageSize side of the pictures it was published for
 * @param widths channels; a multiple of 8 in the first stage
 * @param blocks number of blocks
 * @param dropPath rate of the last block; those before rise to it evenly from 0
 * @param heads of the official code only the first kind is in use
 */
public record MobileMambaConfig(
    String name,
    int imageSize,
    List<Integer> widths,
    List<Integer> blocks,
    double dropPath,
    Heads heads) {
  private static final List<Double> GLOBAL_SHARES = List.of(0.8, 0.7, 0.6);
  private static final List<Double> LOCAL_SHARES = List.of(0.2, 0.2, 0.3);
  private static final List<Integer> KERNELS = List.of(7, 5, 3);

  /** The global part is a multiple of it. */
  private static final int GRANULE = 16;

  /** Checks that the lists fit together. */
  public MobileMambaConfig {
    widths = List.copyOf(widths);
    blocks = List.copyOf(blocks);
    if (widths.size() != KERNELS.size() || blocks.size() != KERNELS.size()) {
      throw new IllegalArgumentException(
          "%s has %d stages, not widths %s and blocks %s"
              .formatted(name, KERNELS.size(), widths, blocks));
    }
    if (widths.get(0) % 8 != 0) {
      throw new IllegalArgumentException(
          "%s: the stem halves the first width three times, so it must be a multiple of 8, not %d"
              .formatted(name, widths.get(0)));
    }
  }

  /**
   * How a mixer divides its work.
   *
   * @param global channels of the state space and the wavelets
   * @param local channels of the depthwise convolutions
   * @param passed channels that pass unchanged
   * @param kernel size of the convolutions, local and among wavelets
   */
  record Mixer(long global, long local, long passed, int kernel) {

    /** Divides {@code width} channels as stage {@code stage} does. */
    static Mixer of(long width, int stage) {
      long wanted = (long) (GLOBAL_SHARES.get(stage) * width);
      long global = (wanted + GRANULE / 2) / GRANULE * GRANULE;
      long local = Math.min((long) (LOCAL_SHARES.get(stage) * width), width - global);
      return new Mixer(global, local, width - global - local, KERNELS.get(stage));
    }
  }

  int stages() {
    return widths.size();
  }

  /** Drop rate of a block, counted over all stages from 0. */
  double dropPath(int block) {
    int last = blocks.stream().mapToInt(Integer::intValue).sum() - 1;
    return dropPath * block / last;
  }

  /** These sizes with other heads. */
  public MobileMambaConfig withHeads(Heads other) {
    return new MobileMambaConfig(name, imageSize, widths, blocks, dropPath, other);
  }

  /** These sizes with the last block dropped at that rate. */
  public MobileMambaConfig withDropPath(double rate) {
    return new MobileMambaConfig(name, imageSize, widths, blocks, rate, heads);
  }

  /** MobileMamba-T2: 8.8 M parameters, pictures of 192. */
  public static MobileMambaConfig t2() {
    return small("mobilemamba_t2", 192, List.of(144, 272, 368));
  }

  /** MobileMamba-T4: 14.2 M parameters, pictures of 192. */
  public static MobileMambaConfig t4() {
    return small("mobilemamba_t4", 192, List.of(176, 368, 448));
  }

  /** MobileMamba-S6: 15.0 M parameters, pictures of 224. */
  public static MobileMambaConfig s6() {
    return small("mobilemamba_s6", 224, List.of(192, 384, 448));
  }

  /** MobileMamba-B1: 17.1 M parameters, pictures of 256. */
  public static MobileMambaConfig b1() {
    return base("mobilemamba_b1", 256);
  }

  /** MobileMamba-B2: B1 for pictures of 384. */
  public static MobileMambaConfig b2() {
    return base("mobilemamba_b2", 384);
  }

  /** MobileMamba-B4: B1 for pictures of 512. */
  public static MobileMambaConfig b4() {
    return base("mobilemamba_b4", 512);
  }

  private static MobileMambaConfig small(String name, int imageSize, List<Integer> widths) {
    return new MobileMambaConfig(
        name, imageSize, widths, List.of(1, 2, 2), 0, Heads.CLASSIFICATION);
  }

  private static MobileMambaConfig base(String name, int imageSize) {
    return new MobileMambaConfig(
        name, imageSize, List.of(200, 376, 448), List.of(2, 3, 2), 0.03, Heads.CLASSIFICATION);
  }
}
