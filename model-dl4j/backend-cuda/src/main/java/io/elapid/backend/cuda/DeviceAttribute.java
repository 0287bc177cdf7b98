package io.elapid.backend.cuda;

/** Numbers that the driver knows of a device. */
enum DeviceAttribute {
  CLOCK_KILOHERTZ(13),
  MULTIPROCESSORS(16),
  COMPUTE_MAJOR(75),
  COMPUTE_MINOR(76),
  /** Whether the CPU may use unified memory while the device computes. */
  CONCURRENT_UNIFIED_MEMORY(89),
  SHARED_BYTES(97);

  private final int code;

  DeviceAttribute(int code) {
    this.code = code;
  }

  /** The driver's number for it. */
  int code() {
    return code;
  }
}
