package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import java.lang.invoke.MethodHandle;

/**
 * The functions of the CUDA driver that only measuring needs: events with a time, copies within a
 * device, and graphs, which start many kernels at the cost of one launch.
 */
final class DriverTiming {
  private static final int OF_THIS_THREAD = 1;

  private final Driver driver;
  private final MethodHandle eventCreate;
  private final MethodHandle eventElapsed;
  private final MethodHandle copy;
  private final MethodHandle captureBegin;
  private final MethodHandle captureEnd;
  private final MethodHandle graphInstantiate;
  private final MethodHandle graphDestroy;
  private final MethodHandle graphLaunch;
  private final MethodHandle executableDestroy;

  /** Where functions write what they return. */
  private final NativeMemory result = NativeMemory.zeros(Long.BYTES);

  private DriverTiming(Driver driver, NativeLibrary library)
      throws AcceleratorUnavailableException {
    this.driver = driver;
    eventCreate = library.function("cuEventCreate", "LI");
    eventElapsed = library.function("cuEventElapsedTime", "LLL");
    copy = library.function("cuMemcpyDtoDAsync_v2", "LLLL");
    captureBegin = library.function("cuStreamBeginCapture_v2", "LI");
    captureEnd = library.function("cuStreamEndCapture", "LL");
    graphInstantiate = library.function("cuGraphInstantiateWithFlags", "LLL");
    graphDestroy = library.function("cuGraphDestroy", "L");
    graphLaunch = library.function("cuGraphLaunch", "LL");
    executableDestroy = library.function("cuGraphExecDestroy", "L");
  }

  /**
   * Those of the library that the driver was loaded from.
   *
   * @throws AcceleratorUnavailableException when it has no such functions
   */
  static DriverTiming of(Driver driver) throws AcceleratorUnavailableException {
    return new DriverTiming(driver, NativeLibrary.open(Driver.libraryName()));
  }

  private void call(String name, MethodHandle function, Object... arguments) {
    driver.check((int) NativeLibrary.call(function, arguments), name);
  }

  private long longResult() {
    return result.bytes().getLong(0);
  }

  /** An event that notes the time; the driver records, awaits and destroys it. */
  long createEvent() {
    call("cuEventCreate", eventCreate, result.address(), 0);
    return longResult();
  }

  /** Nanoseconds between two events that have come to pass. */
  double elapsed(long start, long end) {
    call("cuEventElapsedTime", eventElapsed, result.address(), start, end);
    return result.bytes().getFloat(0) * 1e6;
  }

  /** Copies within the device once the stream comes to it. */
  void copy(long to, long from, long bytes, long stream) {
    call("cuMemcpyDtoDAsync", copy, to, from, bytes, stream);
  }

  /**
   * What {@code work} asks of the stream, as one thing that can be asked for again and again. It is
   * not done now.
   */
  Replay capture(long stream, Runnable work) {
    call("cuStreamBeginCapture", captureBegin, stream, OF_THIS_THREAD);
    long graph;
    try {
      work.run();
    } finally {
      call("cuStreamEndCapture", captureEnd, stream, result.address());
      graph = longResult();
    }
    try {
      call("cuGraphInstantiate", graphInstantiate, result.address(), graph, 0L);
      return new Replay(longResult(), stream);
    } finally {
      call("cuGraphDestroy", graphDestroy, graph);
    }
  }

  /** A captured series of work. */
  final class Replay implements AutoCloseable {
    private final long executable;
    private final long stream;

    private Replay(long executable, long stream) {
      this.executable = executable;
      this.stream = stream;
    }

    /** Asks the stream for all of it. */
    void start() {
      call("cuGraphLaunch", graphLaunch, executable, stream);
    }

    @Override
    public void close() {
      call("cuGraphExecDestroy", executableDestroy, executable);
    }
  }
}
