package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceFigures;
import io.elapid.kernel.DeviceMonitor;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Figures of one GPU from NVIDIA's management library, which comes with the driver.
 *
 * <p>The library counts devices in another order than the driver and does not know {@code
 * CUDA_VISIBLE_DEVICES}, so the device is the one whose UUID the driver tells.
 */
final class NvmlMonitor implements DeviceMonitor {
  /** System property: file name or path of the management library. */
  static final String LIBRARY = "elapid.nvml";

  private static final int NOT_SUPPORTED = 3;

  /** Where a GPU is shared out in parts, some figures of the whole are not for every user. */
  private static final int NO_PERMISSION = 4;

  /** The library's number of the sensor on the die. */
  private static final int DIE = 0;

  private static final int RESULT_BYTES = 24;

  private final MethodHandle shutdown;
  private final MethodHandle utilization;
  private final MethodHandle memory;
  private final MethodHandle temperature;
  private final MethodHandle errorString;

  /** Where functions write what they return. */
  private final NativeMemory result = NativeMemory.zeros(RESULT_BYTES);

  private long device;

  private NvmlMonitor(NativeLibrary library) throws AcceleratorUnavailableException {
    shutdown = library.function("nvmlShutdown", "");
    utilization = library.function("nvmlDeviceGetUtilizationRates", "LL");
    memory = library.function("nvmlDeviceGetMemoryInfo", "LL");
    temperature = library.function("nvmlDeviceGetTemperature", "LIL");
    errorString = library.pointer("nvmlErrorString", "I");
  }

  /**
   * Watches the device of an address, of {@code libnvidia-ml.so.1} or what {@code -Delapid.nvml}
   * names.
   *
   * @throws AcceleratorUnavailableException when there is no such library, driver or device
   */
  static NvmlMonitor open(DeviceAddress address) throws AcceleratorUnavailableException {
    NativeLibrary library = NativeLibrary.open(System.getProperty(LIBRARY, "libnvidia-ml.so.1"));
    NvmlMonitor monitor = new NvmlMonitor(library);
    MethodHandle init = library.function("nvmlInit_v2", "");
    MethodHandle byUuid = library.function("nvmlDeviceGetHandleByUUID", "LL");
    try {
      Driver driver = Driver.load();
      String uuid = driver.deviceUuid(address.find(driver));
      monitor.check(call(init), "nvmlInit");
      try {
        monitor.find(byUuid, uuid);
      } catch (CudaException e) {
        monitor.close();
        throw e;
      }
    } catch (CudaException e) {
      throw new AcceleratorUnavailableException(e.getMessage(), e);
    }
    return monitor;
  }

  private void find(MethodHandle byUuid, String uuid) {
    NativeMemory text = NativeMemory.string(uuid);
    try {
      check(call(byUuid, text.address(), result.address()), "nvmlDeviceGetHandleByUUID of " + uuid);
      device = result.bytes().getLong(0);
    } finally {
      java.lang.ref.Reference.reachabilityFence(text);
    }
  }

  @Override
  public DeviceFigures read() {
    OptionalInt busy =
        measured(call(utilization, device, result.address()), "nvmlDeviceGetUtilizationRates")
            ? OptionalInt.of(result.bytes().getInt(0))
            : OptionalInt.empty();
    OptionalLong total = OptionalLong.empty();
    OptionalLong used = OptionalLong.empty();
    if (measured(call(memory, device, result.address()), "nvmlDeviceGetMemoryInfo")) {
      // the fields are total, free, used
      total = OptionalLong.of(result.bytes().getLong(0));
      used = OptionalLong.of(result.bytes().getLong(2 * Long.BYTES));
    }
    OptionalInt degrees =
        measured(call(temperature, device, DIE, result.address()), "nvmlDeviceGetTemperature")
            ? OptionalInt.of(result.bytes().getInt(0))
            : OptionalInt.empty();
    return new DeviceFigures(busy, used, total, degrees);
  }

  private boolean measured(int code, String call) {
    if (code == NOT_SUPPORTED || code == NO_PERMISSION) {
      return false;
    }
    check(code, call);
    return true;
  }

  private void check(int code, String call) {
    if (code != 0) {
      long text = (long) NativeLibrary.call(errorString, code);
      throw new CudaException("%s: %s (%d)".formatted(call, NativeLibrary.string(text), code));
    }
  }

  private static int call(MethodHandle function, Object... arguments) {
    return (int) NativeLibrary.call(function, arguments);
  }

  @Override
  public void close() {
    check(call(shutdown), "nvmlShutdown");
  }
}
