package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceFigures;
import io.elapid.kernel.DeviceMonitor;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The monitor, on stand-ins for the driver and for its management library. */
@Tag(StandInCondition.TAG)
class NvmlMonitorTest {
  private static final long GIBIBYTE = 1L << 30;

  @BeforeEach
  void standIn() throws Exception {
    System.setProperty(NvmlMonitor.LIBRARY, StandIn.management().toString());
  }

  @AfterEach
  void realOne() {
    System.clearProperty(NvmlMonitor.LIBRARY);
  }

  @Test
  void readsTheDeviceOfTheAddressEveryTimeAnew() throws AcceleratorUnavailableException {
    try (NvmlMonitor monitor = NvmlMonitor.open(new DeviceAddress("0"))) {
      DeviceFigures first = monitor.read();
      DeviceFigures second = monitor.read();

      assertThat(second.utilization().orElseThrow())
          .isEqualTo(first.utilization().orElseThrow() + 1);
      assertThat(first.memoryUsed()).isEqualTo(OptionalLong.of(3 * GIBIBYTE));
      assertThat(first.memoryTotal()).isEqualTo(OptionalLong.of(80 * GIBIBYTE));
      assertThat(first.temperature()).isEqualTo(OptionalInt.of(61));
    }
  }

  @Test
  void leavesOutWhatADeviceDoesNotMeasure() throws AcceleratorUnavailableException {
    String uuid = Driver.load().deviceUuid(1);
    try (NvmlMonitor monitor = NvmlMonitor.open(new DeviceAddress(uuid))) {
      assertThat(monitor.read())
          .isEqualTo(
              new DeviceFigures(
                  OptionalInt.empty(),
                  OptionalLong.of(4 * GIBIBYTE),
                  OptionalLong.of(80 * GIBIBYTE),
                  OptionalInt.of(62)));
    }
  }

  @Test
  void leavesOutWhatTheUserMayNotKnow() throws Throwable {
    var hide =
        NativeLibrary.open(System.getProperty(NvmlMonitor.LIBRARY)).function("standinHide", "II");
    NativeLibrary.call(hide, 0, 1);
    try (NvmlMonitor monitor = NvmlMonitor.open(new DeviceAddress("0"))) {
      DeviceFigures figures = monitor.read();
      assertThat(figures.memoryUsed()).isEmpty();
      assertThat(figures.memoryTotal()).isEmpty();
      assertThat(figures.temperature()).isEqualTo(OptionalInt.of(61));
    } finally {
      NativeLibrary.call(hide, 0, 0);
    }
  }

  @Test
  void aLostDeviceIsAnErrorWithTheLibrarysWords() throws Throwable {
    var lose =
        NativeLibrary.open(System.getProperty(NvmlMonitor.LIBRARY)).function("standinLose", "II");
    try (NvmlMonitor monitor = NvmlMonitor.open(new DeviceAddress("0"))) {
      NativeLibrary.call(lose, 0, 1);
      assertThatThrownBy(monitor::read)
          .isInstanceOf(CudaException.class)
          .hasMessage("nvmlDeviceGetUtilizationRates: GPU is lost (15)");
    } finally {
      NativeLibrary.call(lose, 0, 0);
    }
  }

  @Test
  void sayWhatIsMissing() {
    assertThatThrownBy(() -> NvmlMonitor.open(new DeviceAddress("5")))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessageContaining("no GPU 5");
    System.setProperty(NvmlMonitor.LIBRARY, "libnone.so.1");
    assertThatThrownBy(() -> NvmlMonitor.open(new DeviceAddress("0")))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessageContaining("cannot load libnone.so.1");
    System.setProperty(NvmlMonitor.LIBRARY, "libm.so.6");
    assertThatThrownBy(() -> NvmlMonitor.open(new DeviceAddress("0")))
        .hasMessage("libm.so.6 has no nvmlShutdown: it is too old");
  }

  @Test
  void isFoundThroughTheProviderThatTheProcessComputesWith() throws Exception {
    String before = System.getProperty(Accelerator.KERNELS);
    System.setProperty(Accelerator.KERNELS, "cuda");
    try (DeviceMonitor monitor = AcceleratorProvider.ofProcess().orElseThrow().monitor()) {
      assertThat(monitor.read().temperature()).isPresent();
      System.setProperty(Accelerator.KERNELS, "vector");
      assertThat(AcceleratorProvider.ofProcess()).isEmpty();
    } finally {
      if (before == null) {
        System.clearProperty(Accelerator.KERNELS);
      } else {
        System.setProperty(Accelerator.KERNELS, before);
      }
    }
  }
}
