package io.elapid.backend.cuda;

import io.elapid.kernel.ForwardingKernels;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SelectiveScanKernel;

/** Kernels on a GPU over a set on the CPU. */
final class CudaKernels extends ForwardingKernels {
  private final Device device;
  private final PositionTables tables;

  CudaKernels(Device device, PositionTables tables, KernelSet host) {
    super(host);
    this.device = device;
    this.tables = tables;
  }

  @Override
  public String name() {
    return "cuda over " + host().name();
  }

  @Override
  public SelectiveScanKernel selectiveScan() {
    return new CudaSelectiveScan(device, tables, host().selectiveScan());
  }
}
