package io.elapid.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.KernelChoice;
import io.elapid.kernel.KernelSet;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuKernelsTest {
  @AfterEach
  void forget() {
    System.clearProperty(Accelerator.KERNELS);
    System.clearProperty("elapid.threads");
  }

  @Test
  void vectorKernelsAreChosenWhereTheModuleIsThere() {
    try (KernelSet kernels = CpuKernels.choose().apply(1)) {
      assertThat(kernels.name()).isEqualTo("vector");
    }
  }

  @Test
  void aPropertyForcesTheReference() {
    System.setProperty(Accelerator.KERNELS, "reference");
    try (KernelSet kernels = CpuKernels.choose().apply(1)) {
      assertThat(kernels.name()).isEqualTo("reference");
    }
  }

  @Test
  void theNextRunComputesWithItsOwnKernels() {
    OpRunner runner = OpRegistry.register();
    try {
      KernelChoice.prefer("reference");
      runner.threads(1);
      assertThat(runner.kernels().name()).isEqualTo("reference");
      KernelChoice.prefer("vector");
      assertThat(runner.kernels().name()).as("in the middle of a run").isEqualTo("reference");
      runner.threads(1);
      assertThat(runner.kernels().name()).isEqualTo("vector");
    } finally {
      KernelChoice.prefer("");
      runner.choose();
    }
  }

  @Test
  void anUnknownSetIsRefusedByName() {
    System.setProperty(Accelerator.KERNELS, "fast");
    assertThatThrownBy(CpuKernels::choose)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'fast', which ELAPID_KERNELS or -Delapid.kernels asks for")
        .extracting(failure -> ((InputException) failure).remedy())
        .isEqualTo("say cpu or reference or vector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"two", "0", "-3", "1e9"})
  void threadsThatAreNoNumberOfThemAreRefused(String threads) {
    System.setProperty("elapid.threads", threads);
    assertThatThrownBy(CpuKernels::initialThreads)
        .isInstanceOf(InputException.class)
        .hasMessage(
            "-Delapid.threads is '%s', which is no whole number from 1 to 1024".formatted(threads));
  }
}
