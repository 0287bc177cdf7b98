package io.elapid.kernel;

/**
 * What a scan takes on a device whose memory holds its operands.
 *
 * @param forward of {@link SelectiveScanKernel#forward}
 * @param gradient of {@link SelectiveScanKernel#gradient} alone
 */
public record ScanTimes(Pass forward, Pass gradient) {
  /**
   * One way.
   *
   * @param nanoseconds the median
   * @param launches kernels that it starts, one behind the other
   */
  public record Pass(double nanoseconds, int launches) {}
}
