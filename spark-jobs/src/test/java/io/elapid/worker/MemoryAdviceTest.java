package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.AcceleratorException;
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
    assertThat(MemoryAdvice.of(new RuntimeException("loading failed", new Exception(error))))
        .hasValueSatisfying(advice -> assertThat(advice).contains("MaxDirectMemorySize"));
  }

  @Test
  void aGpuWithoutMemoryIsAskedForLess() {
    AcceleratorException full = new AcceleratorException("cuMemAlloc: out of memory", true);
    assertThat(MemoryAdvice.of(new AcceleratorException("scan of FLOAT[8]: " + full, full)))
        .hasValueSatisfying(advice -> assertThat(advice).contains("batch.size", "nvidia-smi"));
    assertThat(MemoryAdvice.of(new AcceleratorException("launch failed"))).isEmpty();
  }

  @Test
  void otherFailuresGetNoAdvice() {
    assertThat(MemoryAdvice.of(new IllegalStateException("broken"))).isEmpty();
  }

  private static String advice(String message) {
    return MemoryAdvice.of(new IllegalStateException(new OutOfMemoryError(message))).orElseThrow();
  }
}
