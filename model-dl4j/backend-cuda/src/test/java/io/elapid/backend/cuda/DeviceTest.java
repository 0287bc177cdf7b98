package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher, on the stand-in driver. */
@Tag(StandInCondition.TAG)
class DeviceTest {
  private Device device;

  @BeforeEach
  void open() throws AcceleratorUnavailableException {
    device = Device.open(Driver.load(), new DeviceAddress("0"));
    device.enter();
    device.modules().add("planted", Planted.PTX);
  }

  @AfterEach
  void close() {
    device.close();
  }

  private static Tensor counted(int size) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, size);
    for (int i = 0; i < size; i++) {
      tensor.put(i, i % 1000);
    }
    return tensor;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, Staging.HALF / 4, Staging.HALF / 4 + 1, 3 * Staging.HALF / 4 + 5})
  void sumsOfSlicesComeBackWhateverTheSize(int size) {
    Tensor from = counted(2 * size);
    Tensor to = Tensor.zeros(ElementType.FLOAT, size);
    try (Frame frame = new Frame(device, "sum")) {
      frame.sumSlices(frame.in(from), 2, size, frame.out(to));
      frame.finish();
    }
    for (int i = 0; i < size; i++) {
      assertThat(to.at(i)).isEqualTo(i % 1000 + (i + size) % 1000);
    }
  }

  @Test
  void memoryIsUsedAgain() {
    for (int i = 0; i < 5; i++) {
      try (Frame frame = new Frame(device, "nothing")) {
        frame.scratch(100);
        frame.scratch(100);
      }
    }
    assertThat(device.memory().heldBytes()).isEqualTo(800);
  }

  @Test
  void memoryInUseIsNotLostSilently() {
    long block = device.memory().take(16);
    assertThatThrownBy(device.memory()::close).hasMessageContaining("1 blocks of device memory");
    device.memory().give(block);
  }

  @Test
  void unusedMemoryIsReturnedBeforeAnAllocationFails() {
    // more than half of it, each of another size
    for (int megabytes : new int[] {100, 120, 150}) {
      device.memory().give(device.memory().take((long) megabytes << 20));
    }
    assertThat(device.memory().heldBytes()).isEqualTo(160L << 20);
  }

  @Test
  void largeBlocksOfSimilarSizesAreTheSame() {
    long block = device.memory().take((100L << 20) - 7);
    device.memory().give(block);
    assertThat(device.memory().take((98L << 20) + 4)).isEqualTo(block);
    assertThat(device.memory().heldBytes()).isEqualTo(112L << 20);
    device.memory().give(block);
    long small = device.memory().take(1001);
    assertThat(device.memory().heldBytes()).isEqualTo((112L << 20) + 1001);
    device.memory().give(small);
  }

  @Test
  void anErrorNamesOperationShapesDeviceAndWhatTheDriverSaid() {
    Tensor tensor = counted(12);
    assertThatThrownBy(
            () -> {
              try (Frame frame = new Frame(device, "some sum")) {
                long at = frame.inOut(tensor);
                frame.launch(
                    Launch.of(
                        "sum_slices",
                        new Shape(1, 1, 1, 2048, 0),
                        new Arguments().pointers(at).numbers(1).wide(12).pointers(at)));
              }
            })
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "some sum of FLOAT[12] on stand-in 0, GPU-00010203-0405-0607-0809-0a0b0c0d0e0f, compute"
                + " capability 6.0, 192 MiB: kernel sum_slices, 1x1x1 blocks of 2048 threads with 0"
                + " bytes of shared memory: cuLaunchKernel: CUDA_ERROR_INVALID_VALUE (1): invalid"
                + " argument");
    assertThatThrownBy(() -> new Frame(device, "much").scratch(1L << 32))
        .hasMessageContaining("much of  on stand-in")
        .hasMessageContaining("cuMemAlloc of 17179869184 bytes: CUDA_ERROR_OUT_OF_MEMORY (2)")
        .hasFieldOrPropertyWithValue("outOfMemory", true);
  }

  @ParameterizedTest
  @CsvSource({
    "planted_race, 1, 64, results depend on the order of threads: a race",
    "planted_block_race, 3, 1, results depend on the order of threads: a race",
    "planted_out_of_bounds, 1, 2, memory was written out of bounds",
    "planted_shared_out_of_bounds, 1, 70, 'shared memory was written beyond its 256 bytes'",
    "planted_divergence, 1, 64, threads wait at a barrier that others never reach"
  })
  void mistakesInKernelsAreFound(String kernel, int blocks, int threads, String message) {
    int elements = kernel.contains("shared") ? threads : 64;
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, elements);
    assertThatThrownBy(
            () -> {
              try (Frame frame = new Frame(device, "plant")) {
                Arguments arguments = new Arguments().pointers(frame.inOut(tensor));
                if (kernel.equals("planted_out_of_bounds")) {
                  arguments.numbers(elements);
                }
                Shape shape = new Shape(blocks, 1, 1, threads, 256);
                frame.launch(Launch.of("planted", kernel, shape, arguments));
                frame.finish();
              }
            })
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED")
        .hasMessageContaining(kernel + ": " + message);
  }

  @Test
  void kernelsAreLookedForInTheirFile() {
    assertThatThrownBy(() -> device.modules().function("sum_slices", "planted_race", 0))
        .hasMessageContaining("cuModuleGetFunction planted_race: CUDA_ERROR_NOT_FOUND");
    assertThatThrownBy(() -> device.modules().function("none", "none", 0))
        .hasMessage("no kernels none.ptx in the jar");
    assertThatThrownBy(() -> device.modules().add("text", "no PTX"))
        .hasMessageStartingWith("kernels of text.ptx: cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX");
  }

  @Test
  void devicesAreFoundByNumberAndByUuid() throws AcceleratorUnavailableException {
    Driver driver = Driver.load();
    assertThat(new DeviceAddress("1").find(driver)).isEqualTo(1);
    assertThat(new DeviceAddress(driver.deviceUuid(1)).find(driver)).isEqualTo(1);
    assertThatThrownBy(() -> new DeviceAddress("7").find(driver))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessage(
            "the driver sees no GPU 7, which -Delapid.device names; it counts 2 of them from 0");
  }

  @Test
  void aDeviceThatCannotBeOpenedIsLetGo() throws AcceleratorUnavailableException {
    Driver driver = Driver.load();
    NativeMemory taken = driver.allocateHost(13 * Staging.HALF);
    try {
      assertThatThrownBy(() -> Device.open(driver, new DeviceAddress("1")))
          .isInstanceOf(AcceleratorUnavailableException.class)
          .hasMessageContaining("cuMemHostAlloc of 4194304 bytes: CUDA_ERROR_OUT_OF_MEMORY");
      assertThat(isActive(1)).isFalse();
    } finally {
      device.enter();
      driver.freeHost(taken);
    }
    try (Device other = Device.open(driver, new DeviceAddress("1"))) {
      assertThat(isActive(other.ordinal())).isTrue();
    }
    assertThat(isActive(1)).isFalse();
  }

  /** Whether anybody holds the context of a device. */
  private static boolean isActive(int device) throws AcceleratorUnavailableException {
    NativeMemory state = NativeMemory.zeros(2 * Integer.BYTES);
    MethodHandle ask =
        NativeLibrary.open(System.getProperty(Driver.LIBRARY))
            .function("cuDevicePrimaryCtxGetState", "ILL");
    NativeLibrary.call(ask, device, state.address(), state.address() + Integer.BYTES);
    return state.bytes().getInt(Integer.BYTES) != 0;
  }

  @Test
  void aMissingDriverIsNamed() {
    String before = System.getProperty(Driver.LIBRARY);
    try {
      System.setProperty(Driver.LIBRARY, "libnone.so.1");
      assertThatThrownBy(Driver::load)
          .isInstanceOf(AcceleratorUnavailableException.class)
          .hasMessageContaining("cannot load libnone.so.1: cannot open shared object");
      System.setProperty(Driver.LIBRARY, "libm.so.6");
      assertThatThrownBy(Driver::load).hasMessage("libm.so.6 has no cuGetErrorName: it is too old");
    } finally {
      System.setProperty(Driver.LIBRARY, before);
    }
  }

  @Test
  void anyThreadMayUseTheDevice() throws Exception {
    Throwable[] failure = new Throwable[1];
    Thread thread = new Thread(() -> sumsOfSlicesComeBackWhateverTheSize(10));
    thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
    thread.start();
    thread.join(60_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(failure[0]).isNull();
  }
}
