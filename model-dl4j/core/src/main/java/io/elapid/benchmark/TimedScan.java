package io.elapid.benchmark;

import io.elapid.kernel.DeviceSpeeds;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The least that a scan costs on a GPU, for K directions of L steps, D channels and N states in a
 * batch B. The order in which directions read the map and their sum are part of a scan.
 *
 * <p>Bytes of the operation as it is defined: u is read and y written, maps of {@code B D P}
 * numbers; delta, {@code B K L D}, b and c, {@code B K L N} each, are read. The gradient reads u,
 * dy, delta, b and c and writes du, ddelta, db and dc. States that are saved for the gradient are
 * not counted, since it could compute them anew.
 *
 * <p>A fused one would have the projection to step sizes in it too: for each of {@code B K L} steps
 * it reads the R numbers that these are projected from instead of delta, and its gradient writes as
 * many derivatives instead of ddelta.
 *
 * <p>Exponentials: {@code B K L D (N + 2)}, each way, as {@link ScanShape#work} counts them for
 * every backend. A gradient that has no room for the decays of the states that it computes anew
 * computes them twice, for its own steps run the other way; the floor is that of one that has.
 *
 * @param rank R, of the projection to step sizes
 */
public record TimedScan(String name, ScanGeometry geometry, int rank) {
  /** Exponentials of a multiprocessor in a clock, from compute capability 3.0 to this day. */
  private static final int EXPONENTIALS = 16;

  /**
   * Every {@link ScanShape}, and the first stage of MobileMamba-B1 for pictures of 128 pixels,
   * whose directions are short and whose single state leaves all to memory.
   */
  public static List<TimedScan> published(int batch) {
    List<TimedScan> scans = new ArrayList<>();
    for (ScanShape shape : ScanShape.values()) {
      scans.add(new TimedScan(shape.name(), shape.geometry(batch), shape.rank()));
    }
    ScanGeometry small = new ScanGeometry(ScanOrder.BIDIRECTIONAL, batch, 2, 320, 8, 8, 1);
    int rank = ScanShape.MOBILEMAMBA_B1_STAGE_1.rank();
    scans.add(new TimedScan("MOBILEMAMBA_B1_STAGE_1_OF_128", small, rank));
    return scans;
  }

  /**
   * Of the way forward.
   *
   * @param elementBytes of each number that is read or written
   */
  public Work forward(int elementBytes) {
    return forward(elementBytes, delta() + coefficients());
  }

  /** Of the gradient alone. */
  public Work gradient(int elementBytes) {
    return gradient(elementBytes, delta() + coefficients());
  }

  /** Of the way forward with the projection to step sizes in it. */
  public Work fusedForward(int elementBytes) {
    return forward(elementBytes, steps() * rank + coefficients());
  }

  /** Of the gradient alone with the projection to step sizes in it. */
  public Work fusedGradient(int elementBytes) {
    return gradient(elementBytes, steps() * rank + coefficients());
  }

  private Work forward(int elementBytes, double ofSteps) {
    return new Work(elementBytes * (2 * map() + ofSteps), exponentials(), 0);
  }

  private Work gradient(int elementBytes, double ofSteps) {
    return new Work(elementBytes * (3 * map() + 2 * ofSteps), exponentials(), 0);
  }

  /** A device's speeds as floors are computed from them; products are not what limits a scan. */
  public static Work.Speeds speeds(DeviceSpeeds device) {
    double exponentials = device.gigahertz() * EXPONENTIALS * device.multiprocessors();
    return new Work.Speeds(device.bytes(), exponentials, Double.POSITIVE_INFINITY);
  }

  private double map() {
    return (double) geometry.batch() * geometry.mapChannels() * geometry.positions();
  }

  private double steps() {
    return (double) geometry.batch() * geometry.directions() * geometry.steps();
  }

  private double delta() {
    return steps() * geometry.channels();
  }

  private double coefficients() {
    return steps() * 2 * geometry.states();
  }

  private double exponentials() {
    return delta() * (geometry.states() + 2);
  }
}
