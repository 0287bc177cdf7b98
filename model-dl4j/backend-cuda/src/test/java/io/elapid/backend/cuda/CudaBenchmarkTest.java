package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.DeviceBenchmark;
import io.elapid.kernel.DeviceSpeeds;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanTimes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is measured, by the clock of the device. */
@Tag(StandInCondition.TAG)
class CudaBenchmarkTest {
  private CudaAccelerator accelerator;
  private DeviceBenchmark benchmark;

  @BeforeEach
  void open() throws Exception {
    accelerator = CudaAccelerator.open(Offload.COPIED);
    benchmark = accelerator.benchmark();
  }

  @AfterEach
  void close() {
    benchmark.close();
    accelerator.close();
  }

  @Test
  void longerScansTakeLonger() {
    ScanTimes few = benchmark.scan(new ScanGeometry(ScanOrder.CROSS, 1, 4, 8, 3, 3, 2));
    ScanTimes many = benchmark.scan(new ScanGeometry(ScanOrder.ATROUS, 1, 4, 40, 16, 16, 8));
    assertThat(few.forward().nanoseconds()).isPositive();
    assertThat(many.forward().nanoseconds()).isGreaterThan(few.forward().nanoseconds());
    assertThat(many.gradient().nanoseconds()).isGreaterThan(few.gradient().nanoseconds());
    assertThat(few.forward().launches()).isPositive();
    assertThat(few.gradient().launches()).isPositive();
  }

  @Test
  void whatIsStoredInHalfTheBytesIsTimedToo() throws Exception {
    assertThat(benchmark.elementBytes()).isEqualTo(4);
    System.setProperty(Accelerator.STORAGE, "bfloat16");
    try (DeviceBenchmark halves = accelerator.benchmark()) {
      assertThat(halves.elementBytes()).isEqualTo(2);
      ScanTimes times = halves.scan(new ScanGeometry(ScanOrder.CROSS, 1, 4, 8, 3, 3, 2));
      assertThat(times.forward().nanoseconds()).isPositive();
      assertThat(accelerator.description()).endsWith(", scans in bfloat16");
    } finally {
      System.clearProperty(Accelerator.STORAGE);
    }
  }

  @Test
  void speedsAreThoseOfTheDevice() {
    DeviceSpeeds speeds = benchmark.speeds();
    assertThat(speeds.bytes()).isBetween(0.01, 1e5);
    assertThat(speeds.gigahertz()).isBetween(0.1, 10.0);
    assertThat(speeds.multiprocessors()).isPositive();
    assertThat(speeds.launch()).isPositive();
  }

  @Test
  void whatTheDeviceLeavesToTheCpuIsNotTimed() {
    ScanGeometry states = new ScanGeometry(ScanOrder.SEQUENTIAL, 1, 1, 2, 1, 9, 17);
    assertThatThrownBy(() -> benchmark.scan(states)).hasMessageContaining("no kernel");
  }
}
