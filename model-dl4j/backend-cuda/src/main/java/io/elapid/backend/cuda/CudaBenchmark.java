package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceBenchmark;
import io.elapid.kernel.DeviceSpeeds;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanTimes;
import io.elapid.kernel.SelectiveScanKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times kernels by events of the driver, without copies: the launches of one call are captured in a
 * graph, some calls behind each other, and replayed on what that call has left on the device. So a
 * launch costs what the device needs for it, and the CPU is not in the way.
 */
final class CudaBenchmark implements DeviceBenchmark {
  /** Calls in a graph. */
  private static final int REPEATS = 10;

  private static final int ROUNDS = 7;

  /** Nanoseconds that a round takes about, if its graph is shorter. */
  private static final double ROUND = 5e6;

  private static final int MOST_REPLAYS = 200;
  private static final int COPIES = 10;
  private static final long COPIED = 512L << 20;

  private final Device device;
  private final Driver driver;
  private final DriverTiming timing;
  private final KernelSet kernels;
  private final Storage storage;
  private final long start;
  private final long end;

  CudaBenchmark(CudaAccelerator accelerator) throws AcceleratorUnavailableException {
    device = accelerator.device();
    driver = device.driver();
    device.enter();
    timing = DriverTiming.of(driver);
    storage = Storage.ofProcess();
    kernels = accelerator.over(new ReferenceKernels(), storage);
    start = timing.createEvent();
    end = timing.createEvent();
  }

  @Override
  public int elementBytes() {
    return storage.bytes();
  }

  @Override
  public DeviceSpeeds speeds() {
    return new DeviceSpeeds(
        copySpeed(),
        device.multiprocessors(),
        device.attribute(DeviceAttribute.CLOCK_KILOHERTZ) / 1e6,
        launchTime());
  }

  @Override
  public ScanTimes scan(ScanGeometry geometry) {
    RandomScan scan = new RandomScan(geometry);
    SelectiveScanKernel kernel = kernels.selectiveScan();
    // the gradient takes over the memory that the way forward leaves: that is timed first
    List<Launch> forward = launches(() -> kernel.forward(scan.in(), scan.y(), scan.states()));
    ScanTimes.Pass forwardPass = new ScanTimes.Pass(time(forward), forward.size());
    List<Launch> back =
        launches(() -> kernel.gradient(scan.in(), scan.dy(), scan.states(), scan.out()));
    return new ScanTimes(forwardPass, new ScanTimes.Pass(time(back), back.size()));
  }

  private List<Launch> launches(Runnable call) {
    List<Launch> launches = new ArrayList<>();
    device.observe(launches::add);
    try {
      call.run();
    } finally {
      device.observe(launch -> {});
    }
    if (launches.isEmpty()) {
      throw new IllegalArgumentException("the device has no kernel for this scan");
    }
    return launches;
  }

  /** Nanoseconds that a kernel takes which adds nothing to nothing. */
  private double launchTime() {
    long block = device.memory().take(Float.BYTES);
    try {
      Launch.Arguments arguments =
          new Launch.Arguments().pointers(block).numbers(1).wide(0).pointers(block);
      return time(List.of(Launch.of("sum_slices", Launch.Shape.elements(1), arguments)));
    } finally {
      device.memory().give(block);
    }
  }

  /** Nanoseconds of a series of launches, one behind the other. */
  private double time(List<Launch> launches) {
    Runnable calls =
        () -> {
          for (int i = 0; i < REPEATS; i++) {
            launches.forEach(device::launch);
          }
        };
    try (DriverTiming.Replay replay = timing.capture(device.stream(), calls)) {
      round(replay::start, 1);
      double once = round(replay::start, 1);
      int replays = (int) Math.max(1, Math.min(MOST_REPLAYS, ROUND / once));
      return median(replay::start, replays) / REPEATS;
    }
  }

  /** Bytes that copies read and write in a nanosecond. */
  private double copySpeed() {
    long bytes = Math.min(COPIED, device.bytes() / 8);
    long from = device.memory().take(bytes);
    long to = device.memory().take(bytes);
    try {
      Runnable copy = () -> timing.copy(to, from, bytes, device.stream());
      round(copy, COPIES);
      return 2.0 * bytes / median(copy, COPIES);
    } finally {
      device.memory().give(from);
      device.memory().give(to);
    }
  }

  /** Nanoseconds of each of {@code times}, the median of some rounds. */
  private double median(Runnable work, int times) {
    double[] rounds = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      rounds[i] = round(work, times);
    }
    Arrays.sort(rounds);
    return rounds[ROUNDS / 2];
  }

  private double round(Runnable work, int times) {
    driver.record(start, device.stream());
    for (int i = 0; i < times; i++) {
      work.run();
    }
    driver.record(end, device.stream());
    driver.await(end);
    return timing.elapsed(start, end) / times;
  }

  @Override
  public void close() {
    driver.destroyEvent(start);
    driver.destroyEvent(end);
    kernels.close();
  }
}
