package io.elapid.kernel;

/**
 * A device that computes kernels for a set on the CPU.
 *
 * <p>Lives as long as the process that opened it; the sets it makes are closed one by one.
 */
public interface Accelerator {
  /** System property: which kernels this process computes with, see {@link KernelChoice}. */
  String KERNELS = "elapid.kernels";

  /** System property: address of the device of this process, as its provider understands it. */
  String DEVICE = "elapid.device";

  /**
   * System property: what the device keeps the maps, step sizes and coefficients of scans as,
   * {@code float32} (as they are), {@code bfloat16} or {@code float16}; they are computed with as
   * floats.
   */
  String STORAGE = "elapid.device.storage";

  /**
   * System property: what of a network the device computes, {@code network} (all that there are
   * kernels for, with tensors in {@link UnifiedMemory}; state spaces alone where it has none) or
   * {@code state-spaces} (these alone, with copies there and back).
   */
  String WORK = "elapid.device.work";

  /**
   * System property: seconds after which a device that has not done what it was asked to counts as
   * failed, {@value #PATIENT_SECONDS} if not set.
   */
  String PATIENCE = "elapid.device.patience";

  /** See {@link #PATIENCE}. */
  long PATIENT_SECONDS = 600;

  /** The device in words, for logs. */
  String description();

  /**
   * A set that computes on the device what the device has kernels for, and everything else on
   * {@code host}; closing it closes {@code host} too.
   */
  KernelSet over(KernelSet host);

  /**
   * Measures the device.
   *
   * @throws AcceleratorUnavailableException when its driver cannot do that, and why
   */
  DeviceBenchmark benchmark() throws AcceleratorUnavailableException;
}
