package io.elapid.backend.cuda;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceMonitor;
import io.elapid.kernel.DeviceSums;

/** Kernels on NVIDIA's GPUs; needs their driver at run time and nothing else of CUDA. */
public final class CudaProvider implements AcceleratorProvider {
  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Accelerator open() throws AcceleratorUnavailableException {
    return CudaAccelerator.open();
  }

  @Override
  public DeviceMonitor monitor() throws AcceleratorUnavailableException {
    return NvmlMonitor.open(DeviceAddress.ofProcess());
  }

  @Override
  public DeviceSums sums() throws AcceleratorUnavailableException {
    return NcclSums.open(DeviceAddress.ofProcess());
  }
}
