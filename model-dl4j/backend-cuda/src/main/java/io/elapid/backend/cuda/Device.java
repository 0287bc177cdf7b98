package io.elapid.backend.cuda;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One GPU: its primary context, one stream, its kernels and memory; the one place that launches.
 *
 * <p>Everything is ordered by the stream. Used by one thread at a time, not always the same one;
 * any thread may wait for it, and take unified memory and give it back.
 */
final class Device implements AutoCloseable {
  private static final int ARGUMENT_BYTES = 1024;
  private static final int MOST_ARGUMENTS = 32;

  private final Driver driver;
  private final int device;
  private final String description;
  private final int multiprocessors;
  private final int sharedBytes;
  private final long context;
  private final long stream;
  private final Modules modules;
  private final DeviceMemory memory;
  private final Staging staging;
  private final UnifiedBlocks unified = new UnifiedBlocks(this);
  private final UnsettledWork work;
  private Consumer<Launch> observer = launch -> {};
  private final NativeMemory arguments = NativeMemory.zeros(ARGUMENT_BYTES);
  private final NativeMemory addresses = NativeMemory.zeros(MOST_ARGUMENTS * Long.BYTES);

  private Device(Driver driver, int device, long context) {
    this.driver = driver;
    this.device = device;
    this.context = context;
    multiprocessors = driver.deviceAttribute(DeviceAttribute.MULTIPROCESSORS, device);
    sharedBytes = driver.deviceAttribute(DeviceAttribute.SHARED_BYTES, device);
    description =
        "%s, %s, compute capability %d.%d, %d MiB"
            .formatted(
                driver.deviceName(device),
                driver.deviceUuid(device),
                driver.deviceAttribute(DeviceAttribute.COMPUTE_MAJOR, device),
                driver.deviceAttribute(DeviceAttribute.COMPUTE_MINOR, device),
                driver.deviceMemory(device) >> 20);
    work = new UnsettledWork(description);
    driver.useContext(context);
    stream = driver.createStream();
    modules = new Modules(driver);
    memory = new DeviceMemory(driver, stream);
    staging = new Staging(driver, stream);
  }

  /**
   * Opens the device of an address.
   *
   * @throws AcceleratorUnavailableException when there is no such device, or it is too old
   */
  static Device open(Driver driver, DeviceAddress address) throws AcceleratorUnavailableException {
    try {
      int device = address.find(driver);
      if (driver.deviceAttribute(DeviceAttribute.COMPUTE_MAJOR, device) < 6) {
        throw new AcceleratorUnavailableException(
            driver.deviceName(device) + " is older than compute capability 6.0");
      }
      return inContext(driver, device);
    } catch (CudaException e) {
      throw new AcceleratorUnavailableException(e.getMessage(), e);
    }
  }

  private static Device inContext(Driver driver, int device) {
    long context = driver.retainContext(device);
    try {
      return new Device(driver, device, context);
    } catch (CudaException e) {
      // streams and memory that it was to hold go with it
      driver.releaseContext(device);
      throw e;
    }
  }

  String description() {
    return description;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  int attribute(DeviceAttribute attribute) {
    return driver.deviceAttribute(attribute, device);
  }

  /** Bytes of its memory. */
  long bytes() {
    return driver.deviceMemory(device);
  }

  Driver driver() {
    return driver;
  }

  /** The driver's handle of the stream. */
  long stream() {
    return stream;
  }

  /** Shared memory that a block may ask for. */
  int sharedBytes() {
    return sharedBytes;
  }

  Modules modules() {
    return modules;
  }

  DeviceMemory memory() {
    return memory;
  }

  Staging staging() {
    return staging;
  }

  /** Makes the calling thread one that may use this device. */
  void enter() {
    driver.useContext(context);
  }

  /** The driver's number for it. */
  int ordinal() {
    return device;
  }

  /** Whether it can compute in memory that the CPU reaches too. */
  boolean hasUnifiedMemory() {
    return attribute(DeviceAttribute.CONCURRENT_UNIFIED_MEMORY) != 0;
  }

  /** That memory. */
  UnifiedBlocks unified() {
    return unified;
  }

  /**
   * Waits until everything that {@link #leaves} has told of is done, no longer than {@value
   * Accelerator#PATIENCE} allows.
   *
   * @throws CudaException if a kernel failed, the device does not answer, or the thread was
   *     interrupted; names the operations that it may have been
   */
  void settle() {
    work.settle(
        () -> {
          enter();
          return driver.isDone(stream);
        });
  }

  /**
   * As {@link #settle}, for who gives up what the work uses: no interrupt from before ends this
   * wait.
   */
  void settleBeforeClosing() {
    Waiting.beforeClosing(this::settle);
  }

  /** An operation has left work to do, for which {@link #settle} is to wait. */
  void leaves(String operation) {
    work.leaves(operation);
  }

  /** Tells of every launch from now on: what a benchmark repeats, by {@link #launch}. */
  void observe(Consumer<Launch> listener) {
    observer = listener;
  }

  /** Starts a kernel behind what the stream has to do already. */
  void launch(Launch launch) {
    observer.accept(launch);
    Launch.Shape shape = launch.shape();
    ByteBuffer bytes = arguments.bytes();
    int end = 0;
    int count = 0;
    for (Object value : launch.values()) {
      addresses.bytes().putLong(count++ * Long.BYTES, arguments.address() + end);
      end = write(bytes, end, value);
    }
    try {
      long function = modules.function(launch.module(), launch.function(), shape.sharedBytes());
      driver.launch(function, shape, addresses.address(), stream);
    } catch (CudaException e) {
      throw new CudaException(
          "kernel %s, %s: %s".formatted(launch.function(), shape, e.getMessage()), e);
    }
  }

  /** Writes a value where its alignment allows; the end, from which any value may follow. */
  private static int write(ByteBuffer bytes, int at, Object value) {
    int end = at;
    if (value instanceof Integer number) {
      bytes.putInt(end, number);
      end += Integer.BYTES;
    } else if (value instanceof Float number) {
      bytes.putFloat(end, number);
      end += Float.BYTES;
    } else if (value instanceof Long number) {
      bytes.putLong(end, number);
      end += Long.BYTES;
    } else if (value instanceof int[] fields) {
      for (int field : fields) {
        bytes.putInt(end, field);
        end += Integer.BYTES;
      }
    } else if (value instanceof float[] fields) {
      for (float field : fields) {
        bytes.putFloat(end, field);
        end += Float.BYTES;
      }
    } else if (value instanceof long[] fields) {
      for (long field : fields) {
        bytes.putLong(end, field);
        end += Long.BYTES;
      }
    } else {
      throw new IllegalArgumentException("no kernel argument: " + value);
    }
    return (end + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  @Override
  public void close() {
    enter();
    Waiting.beforeClosing(staging::close);
    memory.close();
    modules.close();
    driver.destroyStream(stream);
    driver.releaseContext(device);
  }
}
