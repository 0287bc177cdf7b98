package io.elapid.backend.cuda;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceBenchmark;
import io.elapid.kernel.KernelSet;
import java.util.function.Supplier;

/** The GPU of this process, with what its kernels keep there from call to call. */
final class CudaAccelerator implements Accelerator, AutoCloseable {
  private final Device device;
  private final PositionTables tables;
  private final Supplier<Offload> offload;

  private CudaAccelerator(Device device, Supplier<Offload> offload) {
    this.device = device;
    this.offload = offload;
    tables = new PositionTables(device);
  }

  /** The GPU that {@link Accelerator#DEVICE} names. */
  static CudaAccelerator open() throws AcceleratorUnavailableException {
    Device device = ofProcess();
    return new CudaAccelerator(device, () -> Offload.ofProcess(device));
  }

  /** That GPU, for a choice of work. */
  static CudaAccelerator open(Offload offload) throws AcceleratorUnavailableException {
    return new CudaAccelerator(ofProcess(), () -> offload);
  }

  private static Device ofProcess() throws AcceleratorUnavailableException {
    // or else the first wait would be the first to refuse it
    Waiting.allowedSeconds();
    return Device.open(Driver.load(), DeviceAddress.ofProcess());
  }

  Device device() {
    return device;
  }

  @Override
  public String description() {
    Storage storage = Storage.ofProcess();
    String scans = storage == Storage.FLOAT32 ? "" : ", scans in " + storage;
    String work = offload.get() == Offload.STATE_SPACES ? ", state spaces only" : "";
    return device.description() + scans + work;
  }

  @Override
  public KernelSet over(KernelSet host) {
    return over(host, Storage.ofProcess());
  }

  /** The same for a kind of storage. */
  KernelSet over(KernelSet host, Storage storage) {
    return new CudaKernels(device, tables, offload.get(), storage, host);
  }

  @Override
  public DeviceBenchmark benchmark() throws AcceleratorUnavailableException {
    return new CudaBenchmark(this);
  }

  @Override
  public void close() {
    tables.close();
    device.close();
  }
}
