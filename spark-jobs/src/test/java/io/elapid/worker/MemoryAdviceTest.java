package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.kernel.AcceleratorException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryAdviceTest {
  @Test
  void theLimitThatWasHitIsTheOneToRaise() {
    assertThat(
            advice(
                "Physical memory usage is too high: physicalBytes (401M) > maxPhysicalBytes (400M)"))
        .contains("maxphysicalbytes", "cluster.recompute = maps");
    assertThat(advice("Cannot allocate new LongPointer(7)")).contains("maxphysicalbytes");
    assertThat(advice("Java heap space")).contains("spark.executor.memory");
    assertThat(advice("unable to create native thread: possibly out of memory"))
        .contains("ulimit -u");
  }

  @Test
  void theMessageMayLieDeepBelow() {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "Cannot reserve 1048576 bytes of direct buffer memory (allocated: 9, limit: 10)");
    assertThat(
            MemoryAdvice.TRAINING.of(new RuntimeException("loading failed", new Exception(error))))
        .hasValueSatisfying(advice -> assertThat(advice).contains("MaxDirectMemorySize"));
  }

  @Test
  void aGpuWithoutMemoryIsAskedForLess() {
    AcceleratorException full = new AcceleratorException("cuMemAlloc: out of memory", true);
    assertThat(
            MemoryAdvice.TRAINING.of(new AcceleratorException("scan of FLOAT[8]: " + full, full)))
        .hasValueSatisfying(advice -> assertThat(advice).contains("batch.size", "nvidia-smi"));
    assertThat(MemoryAdvice.TRAINING.of(new AcceleratorException("launch failed"))).isEmpty();
  }

  @Test
  void whatMayBeLoweredDependsOnWhatIsDone() {
    OutOfMemoryError error = new OutOfMemoryError("Cannot allocate new LongPointer(7)");
    assertThat(MemoryAdvice.in(Phase.COMPUTE).of(error).orElseThrow()).contains("batch.shards");
    assertThat(MemoryAdvice.in(Phase.EVALUATE).of(error).orElseThrow())
        .contains("evaluation.batch-size")
        .doesNotContain("batch.shards");
    assertThat(MemoryAdvice.FILES.of(new OutOfMemoryError("Java heap space")).orElseThrow())
        .contains("spark.executor.cores");
  }

  @Test
  void aTaskOutOfMemoryEndsInWhatSaysSoAndOthersAsTheyDo() {
    assertThatThrownBy(
            () ->
                MemoryAdvice.FILES.guarding(
                    () -> {
                      throw new OutOfMemoryError("Java heap space");
                    }))
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.remedy()).contains("spark.executor.memory"))
        .hasMessageContaining("out of memory: Java heap space");
    assertThatThrownBy(
            () ->
                MemoryAdvice.FILES.guarding(
                    () -> {
                      throw new IOException("the disk is gone");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is gone");
  }

  @Test
  void otherFailuresGetNoAdvice() {
    assertThat(MemoryAdvice.TRAINING.of(new IllegalStateException("broken"))).isEmpty();
  }

  private static String advice(String message) {
    return MemoryAdvice.TRAINING
        .of(new IllegalStateException(new OutOfMemoryError(message)))
        .orElseThrow();
  }
}
