package io.elapid.kernel;

/** Measures a device at work that its own memory feeds. Nobody else may use it meanwhile. */
public interface DeviceBenchmark extends AutoCloseable {
  /** Bytes of an element of what scans read and write, see {@link Accelerator#STORAGE}. */
  int elementBytes();

  /** What it can do. */
  DeviceSpeeds speeds();

  /** Medians of a scan of random numbers, by the device's clock. */
  ScanTimes scan(ScanGeometry geometry);

  @Override
  void close();
}
