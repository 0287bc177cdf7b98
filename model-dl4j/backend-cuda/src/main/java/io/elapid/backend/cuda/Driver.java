package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/**
 * The functions of the CUDA driver that are used here, checked: a result other than 0 becomes a
 * {@link CudaException} with the call and the driver's text.
 *
 * <p>Handles and addresses are {@code long}. Safe for use by several threads.
 */
final class Driver {
  /** System property: file name or path of the driver library. */
  static final String LIBRARY = "elapid.cuda.driver";

  /** Oldest driver that takes the PTX that is shipped, which is of CUDA 11.6. */
  private static final int OLDEST = 11_060;

  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;

  /** The driver's numbers: an attribute of functions, flags of streams and of events. */
  private static final int MAX_DYNAMIC_SHARED = 8;

  /** What {@link #prefetch} calls the CPU. */
  static final int HOST = -1;

  private static final int EVERYWHERE = 1;
  private static final int NON_BLOCKING = 1;
  private static final int WITHOUT_TIMING = 2;

  /** The result of asking for what is not done yet. */
  private static final int NOT_READY = 600;

  /** The result of asking for more memory than is left. */
  private static final int OUT_OF_MEMORY = 2;

  private final MethodHandle errorName;
  private final MethodHandle errorString;
  private final MethodHandle deviceCount;
  private final MethodHandle deviceGet;
  private final MethodHandle deviceName;
  private final MethodHandle deviceUuid;
  private final MethodHandle deviceAttribute;
  private final MethodHandle deviceMemory;
  private final MethodHandle contextRetain;
  private final MethodHandle contextRelease;
  private final MethodHandle contextSet;
  private final MethodHandle moduleLoad;
  private final MethodHandle moduleUnload;
  private final MethodHandle moduleFunction;
  private final MethodHandle functionAttribute;
  private final MethodHandle memoryAllocate;
  private final MethodHandle memoryFree;
  private final MethodHandle unifiedAllocate;
  private final MethodHandle unifiedPrefetch;
  private final MethodHandle memoryClear;
  private final MethodHandle hostAllocate;
  private final MethodHandle hostFree;
  private final MethodHandle toDevice;
  private final MethodHandle toHost;
  private final MethodHandle streamCreate;
  private final MethodHandle streamQuery;
  private final MethodHandle streamDestroy;
  private final MethodHandle eventCreate;
  private final MethodHandle eventRecord;
  private final MethodHandle eventQuery;
  private final MethodHandle eventDestroy;
  private final MethodHandle launchKernel;

  /** Where functions write what they return to a thread. */
  private final ThreadLocal<NativeMemory> results =
      ThreadLocal.withInitial(() -> NativeMemory.zeros(NAME_BYTES));

  private Driver(NativeLibrary library) throws AcceleratorUnavailableException {
    errorName = library.function("cuGetErrorName", "IL");
    errorString = library.function("cuGetErrorString", "IL");
    deviceCount = library.function("cuDeviceGetCount", "L");
    deviceGet = library.function("cuDeviceGet", "LI");
    deviceName = library.function("cuDeviceGetName", "LII");
    deviceUuid = library.function("cuDeviceGetUuid", "LI");
    deviceAttribute = library.function("cuDeviceGetAttribute", "LII");
    deviceMemory = library.function("cuDeviceTotalMem_v2", "LI");
    contextRetain = library.function("cuDevicePrimaryCtxRetain", "LI");
    contextRelease = library.function("cuDevicePrimaryCtxRelease_v2", "I");
    contextSet = library.function("cuCtxSetCurrent", "L");
    moduleLoad = library.function("cuModuleLoadDataEx", "LLILL");
    moduleUnload = library.function("cuModuleUnload", "L");
    moduleFunction = library.function("cuModuleGetFunction", "LLL");
    functionAttribute = library.function("cuFuncSetAttribute", "LII");
    memoryAllocate = library.function("cuMemAlloc_v2", "LL");
    memoryFree = library.function("cuMemFree_v2", "L");
    unifiedAllocate = library.function("cuMemAllocManaged", "LLI");
    unifiedPrefetch = library.function("cuMemPrefetchAsync", "LLIL");
    memoryClear = library.function("cuMemsetD8Async", "LILL");
    hostAllocate = library.function("cuMemHostAlloc", "LLI");
    hostFree = library.function("cuMemFreeHost", "L");
    toDevice = library.function("cuMemcpyHtoDAsync_v2", "LLLL");
    toHost = library.function("cuMemcpyDtoHAsync_v2", "LLLL");
    streamCreate = library.function("cuStreamCreate", "LI");
    streamQuery = library.function("cuStreamQuery", "L");
    streamDestroy = library.function("cuStreamDestroy_v2", "L");
    eventCreate = library.function("cuEventCreate", "LI");
    eventRecord = library.function("cuEventRecord", "LL");
    eventQuery = library.function("cuEventQuery", "L");
    eventDestroy = library.function("cuEventDestroy_v2", "L");
    launchKernel = library.function("cuLaunchKernel", "LIIIIIIILLL");
  }

  /**
   * Loads and initialises the driver library: {@code libcuda.so.1}, or what {@code
   * -Delapid.cuda.driver} names.
   *
   * @throws AcceleratorUnavailableException when there is no driver, or one that is too old
   */
  static Driver load() throws AcceleratorUnavailableException {
    NativeLibrary library = NativeLibrary.open(libraryName());
    Driver driver = new Driver(library);
    try {
      driver.check(call(library.function("cuInit", "I"), 0), "cuInit");
      long version = driver.result().address();
      driver.check(
          call(library.function("cuDriverGetVersion", "L"), version), "cuDriverGetVersion");
    } catch (CudaException e) {
      throw new AcceleratorUnavailableException(e.getMessage(), e);
    }
    int version = driver.intResult();
    if (version < OLDEST) {
      throw new AcceleratorUnavailableException(
          "the driver is of CUDA %d.%d; kernels need that of 11.6 (R510) or a newer one"
              .formatted(version / 1000, version % 1000 / 10));
    }
    return driver;
  }

  /** Which library {@link #load} loads. */
  static String libraryName() {
    return System.getProperty(LIBRARY, "libcuda.so.1");
  }

  private static int call(MethodHandle function, Object... arguments) {
    return (int) NativeLibrary.call(function, arguments);
  }

  private NativeMemory result() {
    return results.get();
  }

  private int intResult() {
    return result().bytes().getInt(0);
  }

  private long longResult() {
    return result().bytes().getLong(0);
  }

  /** Throws what a call that returned {@code code} has to say, unless that is 0. */
  void check(int code, String call) {
    if (code != 0) {
      throw new CudaException(
          "%s: %s (%d): %s".formatted(call, text(errorName, code), code, text(errorString, code)),
          code == OUT_OF_MEMORY);
    }
  }

  private String text(MethodHandle function, int code) {
    long out = result().address();
    return call(function, code, out) == 0 ? NativeLibrary.string(longResult()) : "unknown";
  }

  int deviceCount() {
    check(call(deviceCount, result().address()), "cuDeviceGetCount");
    return intResult();
  }

  int device(int ordinal) {
    check(call(deviceGet, result().address(), ordinal), "cuDeviceGet " + ordinal);
    return intResult();
  }

  String deviceName(int device) {
    check(call(deviceName, result().address(), NAME_BYTES, device), "cuDeviceGetName");
    return NativeLibrary.string(result().address());
  }

  /** As {@code nvidia-smi -L} writes it: {@code GPU-00010203-0405-...}. */
  String deviceUuid(int device) {
    check(call(deviceUuid, result().address(), device), "cuDeviceGetUuid");
    byte[] uuid = new byte[UUID_BYTES];
    result().bytes().get(0, uuid);
    String hex = HexFormat.of().formatHex(uuid);
    return "GPU-%s-%s-%s-%s-%s"
        .formatted(
            hex.substring(0, 8),
            hex.substring(8, 12),
            hex.substring(12, 16),
            hex.substring(16, 20),
            hex.substring(20));
  }

  int deviceAttribute(DeviceAttribute attribute, int device) {
    check(
        call(deviceAttribute, result().address(), attribute.code(), device),
        "cuDeviceGetAttribute " + attribute);
    return intResult();
  }

  long deviceMemory(int device) {
    check(call(deviceMemory, result().address(), device), "cuDeviceTotalMem");
    return longResult();
  }

  long retainContext(int device) {
    check(call(contextRetain, result().address(), device), "cuDevicePrimaryCtxRetain");
    return longResult();
  }

  void releaseContext(int device) {
    check(call(contextRelease, device), "cuDevicePrimaryCtxRelease");
  }

  /** Makes the context that of the calling thread. */
  void useContext(long context) {
    check(call(contextSet, context), "cuCtxSetCurrent");
  }

  /** Compiles PTX, a zero-terminated text, for the device at hand. */
  long loadModule(NativeMemory ptx) {
    check(call(moduleLoad, result().address(), ptx.address(), 0, 0L, 0L), "cuModuleLoadDataEx");
    return longResult();
  }

  void unloadModule(long module) {
    check(call(moduleUnload, module), "cuModuleUnload");
  }

  long function(long module, String name) {
    NativeMemory text = NativeMemory.string(name);
    try {
      check(
          call(moduleFunction, result().address(), module, text.address()),
          "cuModuleGetFunction " + name);
      return longResult();
    } finally {
      java.lang.ref.Reference.reachabilityFence(text);
    }
  }

  /** Lets a function have that much dynamic shared memory, beyond the 48 KiB of every device. */
  void allowShared(long function, int bytes) {
    check(
        call(functionAttribute, function, MAX_DYNAMIC_SHARED, bytes),
        "cuFuncSetAttribute of %d bytes of shared memory".formatted(bytes));
  }

  long allocate(long bytes) {
    check(
        call(memoryAllocate, result().address(), bytes), "cuMemAlloc of %d bytes".formatted(bytes));
    return longResult();
  }

  void free(long address) {
    check(call(memoryFree, address), "cuMemFree");
  }

  /** Memory that every device and the CPU reach. */
  long allocateUnified(long bytes) {
    check(
        call(unifiedAllocate, result().address(), bytes, EVERYWHERE),
        "cuMemAllocManaged of %d bytes".formatted(bytes));
    return longResult();
  }

  /** Moves unified memory to a device, or to {@link #HOST}, once the stream comes to it. */
  void prefetch(long address, long bytes, int device, long stream) {
    check(
        call(unifiedPrefetch, address, bytes, device, stream),
        "cuMemPrefetchAsync of %d bytes".formatted(bytes));
  }

  /** Writes zeros once the stream comes to it. */
  void clear(long address, long bytes, long stream) {
    check(call(memoryClear, address, 0, bytes, stream), "cuMemsetD8Async");
  }

  /** Page-locked memory of this process. */
  NativeMemory allocateHost(int bytes) {
    check(
        call(hostAllocate, result().address(), (long) bytes, 0),
        "cuMemHostAlloc of %d bytes".formatted(bytes));
    return NativeMemory.at(longResult(), bytes);
  }

  void freeHost(NativeMemory memory) {
    check(call(hostFree, memory.address()), "cuMemFreeHost");
  }

  /** Copies once the stream comes to it. */
  void toDevice(long to, long from, long bytes, long stream) {
    check(
        call(toDevice, to, from, bytes, stream), "cuMemcpyHtoDAsync of %d bytes".formatted(bytes));
  }

  /** Copies once the stream comes to it. */
  void toHost(long to, long from, long bytes, long stream) {
    check(call(toHost, to, from, bytes, stream), "cuMemcpyDtoHAsync of %d bytes".formatted(bytes));
  }

  /** A stream that does not wait for the default one. */
  long createStream() {
    check(call(streamCreate, result().address(), NON_BLOCKING), "cuStreamCreate");
    return longResult();
  }

  /** Whether all that the stream was given is done; failures of kernels come to light here. */
  boolean isDone(long stream) {
    return isReady(call(streamQuery, stream), "cuStreamQuery");
  }

  private boolean isReady(int code, String function) {
    if (code != NOT_READY) {
      check(code, function);
    }
    return code == 0;
  }

  /** Waits for all that the stream was given; failures of kernels come to light here. */
  void synchronize(long stream) {
    Waiting.until(() -> isDone(stream));
  }

  void destroyStream(long stream) {
    check(call(streamDestroy, stream), "cuStreamDestroy");
  }

  /** An event without a time. */
  long createEvent() {
    check(call(eventCreate, result().address(), WITHOUT_TIMING), "cuEventCreate");
    return longResult();
  }

  void record(long event, long stream) {
    check(call(eventRecord, event, stream), "cuEventRecord");
  }

  /** Waits for what the stream had been given when the event was recorded. */
  void await(long event) {
    Waiting.until(() -> isReady(call(eventQuery, event), "cuEventQuery"));
  }

  void destroyEvent(long event) {
    check(call(eventDestroy, event), "cuEventDestroy");
  }

  /** Starts a kernel; {@code parameters} is a table of the addresses of its arguments. */
  void launch(long function, Launch.Shape shape, long parameters, long stream) {
    check(
        call(
            launchKernel,
            function,
            shape.gridX(),
            shape.gridY(),
            shape.gridZ(),
            shape.threads(),
            1,
            1,
            shape.sharedBytes(),
            stream,
            parameters,
            0L),
        "cuLaunchKernel");
  }
}
