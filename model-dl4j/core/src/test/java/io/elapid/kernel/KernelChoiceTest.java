package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which kernels a process computes with, and what it does without their device. */
class KernelChoiceTest {
  @AfterEach
  void forget() {
    System.clearProperty(Accelerator.KERNELS);
    System.clearProperty(KernelChoice.DISTRIBUTION);
    KernelChoice.prefer("");
  }

  @Test
  void theBuildWritesWhatTheDistributionIsMadeFor() {
    KernelChoice choice = KernelChoice.ofProcess();
    assertThat(choice.name()).matches("cpu|cuda");
    assertThat(choice.required()).isEqualTo(choice.name().equals("cuda"));
  }

  @Test
  void aDistributionForADeviceComputesNowhereElse() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("cuda"));
    assertThat(KernelChoice.ofProcess().required()).isTrue();
    System.setProperty(Accelerator.KERNELS, "cuda");
    assertThat(KernelChoice.ofProcess().required()).isTrue();
  }

  @Test
  void theCommandLineChoosesOtherwise() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    System.setProperty(Accelerator.KERNELS, "vector");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("vector"));
    assertThat(KernelChoice.ofProcess().required()).isFalse();
  }

  @Test
  void aRunChoosesForItselfAndNotForTheNextOne() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    KernelChoice.prefer("cpu");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("cpu"));
    assertThat(KernelChoice.ofStart()).isEqualTo(new KernelChoice("cuda"));
    KernelChoice.prefer("cuda");
    assertThat(KernelChoice.ofProcess().required()).isTrue();
    System.setProperty(Accelerator.KERNELS, "vector");
    assertThat(KernelChoice.ofProcess()).isEqualTo(new KernelChoice("vector"));
  }

  @Test
  void askedForOnTheCommandLineADeviceMayBeMissing() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cpu");
    System.setProperty(Accelerator.KERNELS, "cuda");
    assertThat(KernelChoice.ofProcess().required()).isFalse();
  }
}
