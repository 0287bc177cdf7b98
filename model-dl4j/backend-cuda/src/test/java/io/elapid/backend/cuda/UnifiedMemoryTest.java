package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.UnifiedMemory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors that stay on the device, and who has to wait for it. */
@Tag(StandInCondition.TAG)
class UnifiedMemoryTest {
  private static final int SIZE = 1000;

  private CudaAccelerator accelerator;
  private KernelSet kernels;
  private UnifiedMemory.Block block;
  private int used;

  private static final String NOT_DONE =
      "not done after 1 s, which -Delapid.device.patience allows";

  @BeforeEach
  void open() throws Exception {
    accelerator = CudaAccelerator.open(Offload.NETWORK);
    kernels = accelerator.over(new ReferenceKernels());
    block = kernels.memory().orElseThrow().allocate(1 << 20);
  }

  @AfterEach
  void close() {
    block.close();
    kernels.close();
    accelerator.close();
  }

  private Tensor tensor(long... shape) {
    int bytes = Tensor.zeros(ElementType.FLOAT, shape).bytes().capacity();
    NativeMemory part = NativeMemory.at(block.address() + used, bytes);
    used += bytes;
    return Tensor.over(part.bytes(), ElementType.FLOAT, shape);
  }

  private Tensor filled(double value) {
    Tensor tensor = tensor(SIZE);
    tensor.fill(value);
    return tensor;
  }

  @Test
  void isZeroAtFirst() {
    Tensor tensor = tensor(1 << 18);
    for (int i = 0; i < tensor.size(); i++) {
      assertThat(tensor.at(i)).isZero();
    }
  }

  @Test
  void kernelsFollowEachOtherOnTheDeviceAndTheCpuSeesTheEndOnceTheyHaveSettled() {
    Tensor x = filled(1);
    Tensor y = filled(-7);
    kernels.optimizer().scale(x, 3, y);
    kernels.optimizer().scale(y, 5, y);
    // the stand-in does nothing until it is waited for
    assertThat(y.at(SIZE - 1)).isEqualTo(-7);
    kernels.settle();
    assertThat(y.at(0)).isEqualTo(15);
    assertThat(y.at(SIZE - 1)).isEqualTo(15);
  }

  @Test
  void kernelsOnTheCpuWaitForTheDevice() {
    Tensor x = filled(1);
    Tensor y = filled(-7);
    kernels.optimizer().scale(x, 3, y);
    Tensor z = Tensor.zeros(ElementType.DOUBLE, 1);
    z.put(0, 1);
    // of doubles, which the CPU computes
    kernels.activation().forward(ActivationKind.RELU, z, z);
    assertThat(y.at(0)).isEqualTo(3);
  }

  @Test
  void resultsElsewhereAreThereWhenTheCallReturns() {
    Tensor x = filled(1);
    Tensor y = Tensor.zeros(ElementType.FLOAT, SIZE);
    kernels.optimizer().scale(x, 3, x);
    kernels.optimizer().scale(x, 2, y);
    assertThat(y.at(SIZE - 1)).isEqualTo(6);
  }

  @Test
  void theCpuMayWriteWhatTheDeviceHasRead() {
    Tensor x = filled(1);
    Tensor y = filled(0);
    kernels.optimizer().scale(x, 2, y);
    kernels.settle();
    x.fill(10);
    Tensor z = filled(0);
    kernels.optimizer().scale(x, 2, z);
    kernels.settle();
    assertThat(y.at(0)).isEqualTo(2);
    assertThat(z.at(0)).isEqualTo(20);
  }

  @Test
  void labelsThatNoClassHasAreNamedAsTheReferenceDoes() {
    Tensor logits = filled(1);
    Tensor labels = tensor(SIZE / 4);
    labels.put(3, Double.NaN);
    labels.put(5, 255);
    Tensor divisor = tensor(1);
    divisor.fill(2);
    Tensor slope = filled(-7);
    Tensor x = Tensor.over(logits.bytes(), ElementType.FLOAT, SIZE / 4, 4);
    LossKernel.Targets targets = new LossKernel.Targets(labels, Optional.empty());
    LossKernel.Result result = new LossKernel.Result(divisor, tensor(1), slope);
    for (KernelSet set : List.of(kernels, new ReferenceKernels())) {
      set.losses().crossEntropy(x, targets, 255, result);
      set.settle();
      assertThat(slope.at(0)).isEqualTo((0.25 - 1) / 2);
      assertThatThrownBy(() -> set.losses().crossEntropy(x, targets, 254, result))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("label 255.0 at 5: not one of 4 classes");
    }
  }

  @Test
  void scansInHalfTheBytesConvertOnTheDevice() {
    ScanGeometry g = new ScanGeometry(ScanOrder.CROSS, 2, 4, 12, 7, 7, 8);
    for (Storage storage : List.of(Storage.BFLOAT16, Storage.FLOAT16)) {
      Filled filled = new Filled(1);
      var in = ScanChecks.inputs(filled, storage, g, StepRule.SOFTPLUS, Optional.empty());
      Tensor dy = filled.stored(storage, -1, 1, g.batch(), g.mapChannels(), g.height(), g.width());
      try (KernelSet set = accelerator.over(new ReferenceKernels(), storage)) {
        List<Tensor> expected = ScanChecks.scan(set, in, dy);
        used = 0;
        List<Tensor> found = ScanChecks.scan(set, in, dy, this::tensor);
        set.settle();
        for (int k = 0; k < expected.size(); k++) {
          assertThat(found.get(k).bytes())
              .as("%s, %d", storage, k)
              .isEqualTo(expected.get(k).bytes());
        }
      }
    }
  }

  @Test
  void aFailureNamesTheOperationsThatItMayHaveBeen() {
    accelerator.device().modules().add("planted", Planted.PTX);
    kernels.optimizer().scale(filled(1), 3, filled(1));
    Tensor raced = tensor(64);
    try (Frame frame = new Frame(accelerator.device(), "plant")) {
      Arguments arguments = new Arguments().pointers(frame.inOut(raced));
      frame.launch(
          Launch.of("planted", "planted_divergence", new Shape(1, 1, 1, 64, 256), arguments));
      frame.finish();
    }
    assertThatThrownBy(kernels::settle)
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("one of 2 operations, from scaling to plant on stand-in 0")
        .hasMessageContaining("planted_divergence: threads wait at a barrier");
    kernels.settle();
  }

  private void standIn(String function, String types, Object... arguments) throws Exception {
    NativeLibrary library = NativeLibrary.open(Driver.libraryName());
    assertThat(NativeLibrary.call(library.function(function, types), arguments)).isEqualTo(0);
  }

  private interface Body {
    void run() throws Exception;
  }

  /** Runs while the device does not get on with its work. */
  private void stalled(Body body) throws Exception {
    Device device = accelerator.device();
    standIn("standinStall", "L", device.stream());
    device.leaves("stalling");
    try {
      body.run();
    } finally {
      standIn("standinGoOn", "");
    }
  }

  private static void patient(int seconds, Body body) throws Exception {
    patient(Integer.toString(seconds), body);
  }

  private static void patient(String seconds, Body body) throws Exception {
    System.setProperty(Accelerator.PATIENCE, seconds);
    try {
      body.run();
    } finally {
      System.clearProperty(Accelerator.PATIENCE);
    }
  }

  private void assertGivesUp(ThrowingCallable wait) {
    assertThatThrownBy(wait)
        .hasMessageContaining("stalling on stand-in 0")
        .hasMessageEndingWith(NOT_DONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10m", "0", "-5", "1.5", " ", "3000000000"})
  void aPatienceThatIsNoNumberOfSecondsIsRefused(String seconds) throws Exception {
    patient(
        seconds,
        () ->
            assertThatThrownBy(CudaAccelerator::open)
                .isInstanceOf(InputException.class)
                .hasMessage(
                    "-Delapid.device.patience is '%s', which is no whole number from 1 to 2147483647"
                        .formatted(seconds)));
  }

  @Test
  void aDeviceThatDoesNotAnswerIsNotWaitedForForever() throws Exception {
    stalled(
        () ->
            patient(
                1,
                () -> {
                  assertGivesUp(kernels::settle);
                  // nor does its memory go to anyone else
                  assertGivesUp(block::close);
                  Device device = accelerator.device();
                  long copy = device.memory().take(Float.BYTES);
                  assertThatThrownBy(() -> device.staging().download(copy, tensor(1).bytes()))
                      .hasMessage(NOT_DONE);
                  device.memory().give(copy);
                }));
  }

  @Test
  void noThreadComesBackBecauseAnotherWaits() throws Exception {
    stalled(
        () ->
            patient(
                1,
                () -> {
                  CompletableFuture<Void> other = CompletableFuture.runAsync(kernels::settle);
                  assertGivesUp(kernels::settle);
                  assertGivesUp(() -> other.get(30, TimeUnit.SECONDS));
                }));
  }

  @Test
  void whoWaitsForADeviceCanBeInterrupted() throws Exception {
    stalled(
        () -> {
          Thread.currentThread().interrupt();
          try {
            assertThatThrownBy(kernels::settle)
                .hasMessageEndingWith("interrupted while it was waited for");
          } finally {
            assertThat(Thread.interrupted()).isTrue();
          }
        });
    kernels.settle();
  }

  @Test
  void whoIsInterruptedGivesMemoryBackAllTheSame() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread closing =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              try {
                block.close();
                interrupted.complete(Thread.currentThread().isInterrupted());
              } catch (CudaException e) {
                interrupted.completeExceptionally(e);
              }
            });
    stalled(
        () -> {
          closing.start();
          await().until(() -> closing.getState(), state -> state == Thread.State.TIMED_WAITING);
        });
    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoIsInterruptedWhileMemoryIsClearedLeavesNoneBehind() throws Exception {
    UnifiedMemory memory = kernels.memory().orElseThrow();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread taking =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              try {
                memory.allocate(1 << 16);
                interrupted.complete(false);
              } catch (CudaException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
              }
            });
    stalled(
        () -> {
          taking.start();
          await().until(() -> taking.getState(), state -> state == Thread.State.TIMED_WAITING);
        });
    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(accelerator.device().unified().heldBytes()).isEqualTo(1 << 20);
  }

  @Test
  void partsOfABlockAreMovedAndNothingBeyondIt() {
    block.toDevice(0, 1 << 20);
    block.toHost(4096, 100);
    block.toHost(4096, 0);
    assertThatThrownBy(() -> block.toDevice(1 << 19, (1 << 19) + 1))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("bytes [524288, 1048577) of a block of 1048576");
  }

  @Test
  void aBlockIsGivenBackOnceAndOnlyWhenTheDeviceIsDoneWithIt() {
    UnifiedMemory.Block other = accelerator.device().unified().allocate(SIZE * Float.BYTES);
    NativeMemory memory = NativeMemory.at(other.address(), SIZE * Float.BYTES);
    Tensor y = Tensor.over(memory.bytes(), ElementType.FLOAT, SIZE);
    kernels.optimizer().scale(filled(1), 3, y);
    other.close();
    other.close();
    assertThat(accelerator.device().unified().holds(memory.address(), 1)).isFalse();
    kernels.settle();
  }

  @Test
  void whoTakesABlockGetsNoneOfTheMemoryThatKernelsTakeMeanwhile() throws Exception {
    Device device = accelerator.device();
    CompletableFuture<Void> taking =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                device.unified().allocate(256).close();
              }
            });
    while (!taking.isDone()) {
      device.driver().free(device.driver().allocate(64));
    }
    taking.get(30, TimeUnit.SECONDS);
  }

  @Test
  void kernelsOfTheCpuKeepTheirErrors() {
    AtomicInteger settled = new AtomicInteger();
    KernelSet set = SettledKernels.of(new ReferenceKernels(), settled::incrementAndGet);
    Tensor x = Tensor.zeros(ElementType.FLOAT, 3);
    assertThatThrownBy(() -> set.activation().forward(ActivationKind.RELU, x, null))
        .isInstanceOf(NullPointerException.class);
    assertThat(settled).hasValue(1);
    assertThat(set.name()).isEqualTo("reference");
    assertThat(settled).hasValue(1);
  }
}
