package io.elapid.backend.cuda;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;

/**
 * Which GPU: what Spark's discovery script calls it, the number that the driver counts it by or its
 * UUID as {@code nvidia-smi -L} prints it.
 */
record DeviceAddress(String text) {
  /** That of this process, which {@link Accelerator#DEVICE} names; else the first one. */
  static DeviceAddress ofProcess() {
    return new DeviceAddress(System.getProperty(Accelerator.DEVICE, "0").strip());
  }

  /** The driver's handle of the device. */
  int find(Driver driver) throws AcceleratorUnavailableException {
    int count = driver.deviceCount();
    if (count == 0) {
      throw new AcceleratorUnavailableException("the driver sees no GPU");
    }
    for (int i = 0; i < count; i++) {
      int device = driver.device(i);
      if (text.equals(Integer.toString(i)) || text.equalsIgnoreCase(driver.deviceUuid(device))) {
        return device;
      }
    }
    throw new AcceleratorUnavailableException(
        "the driver sees no GPU %s, which -D%s names; it counts %d of them from 0%s"
            .formatted(
                text,
                Accelerator.DEVICE,
                count,
                count == 1 ? ", which CUDA_VISIBLE_DEVICES may hide" : ""));
  }
}
