package io.elapid.kernel;

/** Reads what the driver measures of the device of this process. Used by one thread. */
public interface DeviceMonitor extends AutoCloseable {
  /**
   * The figures of now.
   *
   * @throws RuntimeException when the driver refuses, as it does once a device is lost
   */
  DeviceFigures read();

  @Override
  void close();
}
