package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.config.ClusterSpec;
import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.KernelChoice;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which GPU the process of a rank computes on. */
class RankResourcesTest {
  private static final Duration STEP = Duration.ofMinutes(5);

  /** Before as well: a run inside this process that came first may have had a GPU. */
  @BeforeEach
  @AfterEach
  void forget() {
    KernelChoice.prefer("");
    System.clearProperty(Accelerator.DEVICE);
    System.clearProperty(Accelerator.STORAGE);
    System.clearProperty(Accelerator.WORK);
    System.clearProperty(Accelerator.PATIENCE);
    System.clearProperty(Accelerator.KERNELS);
    System.clearProperty(KernelChoice.DISTRIBUTION);
  }

  @Test
  void theProcessTakesTheAddressThatSparkGave() {
    String gpu = RankResources.gpu(1, List.of("3"));
    RankResources.compute(1, gpu);
    assertThat(System.getProperty(Accelerator.DEVICE)).isEqualTo("3");
    assertThat(KernelChoice.ofProcess().name()).isEqualTo("cuda");
    RankResources.compute(1, gpu);
  }

  @Test
  void theProcessComputesAndKeepsTensorsAsTheRecipeSays() {
    RankResources.setUp(ClusterSpec.GpuWork.STATE_SPACES, ClusterSpec.GpuStorage.BFLOAT16, STEP);
    assertThat(System.getProperty(Accelerator.WORK)).isEqualTo("state-spaces");
    assertThat(System.getProperty(Accelerator.STORAGE)).isEqualTo("bfloat16");
    RankResources.setUp(ClusterSpec.GpuWork.NETWORK, ClusterSpec.GpuStorage.FLOAT32, STEP);
    assertThat(System.getProperty(Accelerator.WORK)).isEqualTo("network");
    assertThat(System.getProperty(Accelerator.STORAGE)).isEqualTo("float32");
  }

  @Test
  void patienceWithAGpuEndsBeforeThatWithARank() {
    RankResources.setUp(ClusterSpec.GpuWork.NETWORK, ClusterSpec.GpuStorage.FLOAT32, STEP);
    assertThat(System.getProperty(Accelerator.PATIENCE)).isEqualTo("270");
    RankResources.setUp(
        ClusterSpec.GpuWork.NETWORK, ClusterSpec.GpuStorage.FLOAT32, Duration.ofHours(1));
    assertThat(System.getProperty(Accelerator.PATIENCE)).isEqualTo("600");
  }

  @Test
  void kernelsOfTheCommandLineStay() {
    System.setProperty(Accelerator.KERNELS, "vector");
    RankResources.compute(1, "3");
    assertThat(KernelChoice.ofProcess().name()).isEqualTo("vector");
  }

  @Test
  void aRunOnTheCpuBeforeDoesNotKeepTheNextFromItsGpu() {
    RankResources.compute(0, "");
    RankResources.compute(1, "3");
    assertThat(KernelChoice.ofProcess().name()).isEqualTo("cuda");
    RankResources.compute(0, "");
    assertThat(KernelChoice.ofProcess().name()).isEqualTo("cpu");
    assertThat(KernelChoice.ofStart().name()).isEqualTo("cpu");
  }

  @Test
  void withoutGpusTheCpuComputesWhateverTheDistributionIsMadeFor() {
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    assertThat(KernelChoice.ofProcess().required()).isTrue();
    RankResources.compute(0, "");
    assertThat(System.getProperty(Accelerator.DEVICE)).isNull();
    assertThat(KernelChoice.ofProcess().name()).isEqualTo("cpu");
    assertThat(KernelChoice.ofProcess().required()).isFalse();
  }

  @Test
  void twoRanksOfOneProcessMustHaveTheSameGpu() {
    RankResources.compute(1, "0");
    assertThatThrownBy(() -> RankResources.compute(1, "1"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the ranks of one executor have the GPUs 0 and 1");
  }
}
