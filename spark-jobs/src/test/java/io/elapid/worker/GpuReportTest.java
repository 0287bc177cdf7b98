package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.elapid.kernel.DeviceFigures;
import io.elapid.kernel.DeviceMonitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What becomes of a GPU's figures; that they are the driver's is shown where the monitor is. */
final class GpuReportTest {
  private static final long GIBIBYTE = 1L << 30;

  private final List<Map<String, ?>> told = new ArrayList<>();
  private int closed;
  private boolean lost;

  /** A GPU that does not tell how busy it is. */
  private final DeviceMonitor monitor =
      new DeviceMonitor() {
        @Override
        public DeviceFigures read() {
          if (lost) {
            throw new IllegalStateException("GPU is lost");
          }
          return new DeviceFigures(
              OptionalInt.empty(),
              OptionalLong.of(3 * GIBIBYTE),
              OptionalLong.of(80 * GIBIBYTE),
              OptionalInt.of(61));
        }

        @Override
        public void close() {
          closed++;
        }
      };

  @Test
  void tellsEveryFewStepsWhatIsMeasured() {
    try (GpuReport report = report(Optional.of(monitor))) {
      for (int step = 1; step <= 5; step++) {
        report.step(step);
      }
    }
    assertThat(told).hasSize(2);
    assertThat(told.get(1))
        .isEqualTo(
            Map.ofEntries(
                entry("step", 4L),
                entry("rank", 0),
                entry("gpu_memory_used_mib", 3072.0),
                entry("gpu_memory_total_mib", 81920.0),
                entry("gpu_temperature_celsius", 61)));
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void aLostGpuEndsTheFiguresAndNotTheRun() {
    try (GpuReport report = report(Optional.of(monitor))) {
      report.step(2);
      lost = true;
      report.step(4);
      lost = false;
      report.step(6);
    }
    assertThat(told).hasSize(1);
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void withoutAGpuThereIsNothingToTell() {
    try (GpuReport report = report(Optional.empty())) {
      report.step(2);
    }
    assertThat(told).isEmpty();
  }

  private GpuReport report(Optional<DeviceMonitor> of) {
    return new GpuReport(new LoneContext(() -> false), 2, of, told::add);
  }
}
