package io.elapid.benchmark;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;

/** State spaces of the networks at the resolutions of their papers, each shape once. */
public enum ScanShape {
  TINYVIM_B_STAGE_1(ScanOrder.CROSS, 12, 7, 8, 3),
  TINYVIM_B_STAGE_2(ScanOrder.CROSS, 48, 7, 8, 6),
  TINYVIM_B_STAGE_3(ScanOrder.CROSS, 96, 7, 8, 12),
  TINYVIM_B_STAGE_4(ScanOrder.CROSS, 288, 7, 8, 24),
  MOBILEMAMBA_B1_STAGE_1(ScanOrder.BIDIRECTIONAL, 320, 16, 1, 10),
  MOBILEMAMBA_B1_STAGE_2(ScanOrder.BIDIRECTIONAL, 512, 8, 1, 16),
  MOBILEMAMBA_B1_STAGE_3(ScanOrder.BIDIRECTIONAL, 544, 4, 1, 17),
  EFFICIENTVMAMBA_T_STAGE_1(ScanOrder.ATROUS, 96, 56, 16, 3),
  EFFICIENTVMAMBA_T_STAGE_2(ScanOrder.ATROUS, 192, 28, 16, 6),
  EFFICIENTVMAMBA_B_STAGE_1(ScanOrder.ATROUS, 192, 56, 16, 6),
  EFFICIENTVMAMBA_B_STAGE_2(ScanOrder.ATROUS, 384, 28, 16, 12);

  private final ScanOrder order;
  private final int channels;
  private final int side;
  private final int states;
  private final int rank;

  ScanShape(ScanOrder order, int channels, int side, int states, int rank) {
    this.order = order;
    this.channels = channels;
    this.side = side;
    this.states = states;
    this.rank = rank;
  }

  /** Sizes for a batch. */
  public ScanGeometry geometry(int batch) {
    return new ScanGeometry(order, batch, order.directions(), channels, side, side, states);
  }

  /** R, of the projection to step sizes. */
  public int rank() {
    return rank;
  }

  /**
   * The least that one call of {@code operation} costs, for K directions of L steps, D channels and
   * N states in a batch B.
   *
   * <p>Bytes: every input is read and every output written once. A scan reads u and writes y, maps
   * of B D P numbers; reads delta, {@code B K L D}, and b and c, {@code B K L N} each; and writes
   * the saved states. Its gradient reads u, dy, delta, b, c and those states, and writes du,
   * ddelta, db and dc.
   *
   * <p>Exponentials: each of the {@code B K L D N} decays is one, and each of the {@code B K L D}
   * step sizes takes one and a logarithm, whose polynomial is as long and counts as another: {@code
   * B K L D (N + 2)}. A gradient needs the same again, once, since decays are not saved: they would
   * be N times as many numbers as delta, and writing and reading one takes as long as computing it.
   * {@link TimedScan} counts the same for devices. They are measured by {@code SpeedBenchmark} with
   * the arithmetic that stands in the loops of the scan, from and to the nearest cache.
   *
   * <p>What else a scan has to do is not in the floor: a state's step takes 3 multiply-adds more on
   * the way forward and 8 on the way back, on the pipes that take 8 for its decay.
   */
  public Work work(ScanOperation operation, int batch) {
    ScanGeometry g = geometry(batch);
    double steps = (double) batch * g.directions() * g.steps();
    double map = (double) batch * channels * g.positions();
    double delta = steps * channels;
    double coefficients = 2 * steps * states;
    double saved = (double) batch * g.directions() * g.savedStates() * states * channels;
    double exponentials = delta * (states + 2);
    double products = delta * (2 * rank + 2 * states);
    double projected = delta + coefficients + steps * rank;
    return switch (operation) {
      case SCAN -> Work.ofFloats(2 * map + delta + coefficients + saved, exponentials, 0);
      case SCAN_GRADIENT ->
          Work.ofFloats(3 * map + 2 * delta + 2 * coefficients + saved, exponentials, 0);
      case PROJECTION -> Work.ofFloats(map + projected, 0, products);
      case PROJECTION_GRADIENT -> Work.ofFloats(2 * map + projected, 0, 2 * products);
    };
  }
}
