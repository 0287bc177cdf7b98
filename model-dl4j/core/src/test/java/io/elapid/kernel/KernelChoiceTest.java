package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.KernelChoice.Origin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which kernels a process computes with, and what it does without their device. */
class KernelChoiceTest {
  @AfterEach
  void forget() {
    System.clearProperty(Accelerator.KERNELS);
    System.clearProperty(KernelChoice.DISTRIBUTION);
  }

  @Test
  void theBuildWritesWhatTheDistributionIsMadeFor() {
    KernelChoice choice = KernelChoice.ofProcess();
    assertThat(choice.name()).matches("cpu|cuda");
    assertThat(choice.origin()).isEqualTo(Origin.DISTRIBUTION);
    assertThat(choice.required()).isEqualTo(choice.name().equals("cuda"));
  }

  @Test
  void aDistributionForADeviceComputesNowhereElse() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("cuda", Origin.DISTRIBUTION));
    assertThat(KernelChoice.ofProcess().required()).isTrue();
    System.setProperty(Accelerator.KERNELS, "cuda");
    assertThat(KernelChoice.ofProcess().required()).isTrue();
  }

  @Test
  void theCommandLineChoosesOtherwise() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    System.setProperty(Accelerator.KERNELS, "vector");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("vector", Origin.COMMAND));
    assertThat(KernelChoice.ofProcess().required()).isFalse();
  }

  @Test
  void askedForOnTheCommandLineADeviceMayBeMissing() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cpu");
    System.setProperty(Accelerator.KERNELS, "cuda");
    assertThat(KernelChoice.ofProcess().required()).isFalse();
  }
}
