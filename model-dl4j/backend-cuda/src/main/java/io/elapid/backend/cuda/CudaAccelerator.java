package io.elapid.backend.cuda;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.KernelSet;

/** The GPU of this process, with what its kernels keep there from call to call. */
final class CudaAccelerator implements Accelerator, AutoCloseable {
  private final Device device;
  private final PositionTables tables;

  CudaAccelerator(Device device) {
    this.device = device;
    tables = new PositionTables(device);
  }

  /** The GPU that {@link DeviceAddress#PROPERTY} names. */
  static CudaAccelerator open() throws AcceleratorUnavailableException {
    return new CudaAccelerator(Device.open(Driver.load(), DeviceAddress.ofProcess()));
  }

  Device device() {
    return device;
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public KernelSet over(KernelSet host) {
    return new CudaKernels(device, tables, host);
  }

  @Override
  public void close() {
    tables.close();
    device.close();
  }
}
