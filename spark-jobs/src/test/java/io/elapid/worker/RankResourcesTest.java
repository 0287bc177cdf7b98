package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.config.Recipe;
import io.elapid.config.Recipe.Encryption;
import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which GPU the process of a rank computes on. */
class RankResourcesTest {
  @AfterEach
  void forget() {
    System.clearProperty(Accelerator.DEVICE);
    System.clearProperty(Accelerator.KERNELS);
  }

  private static Recipe.Cluster cluster(int gpus) {
    Duration wait = Duration.ofMinutes(1);
    return new Recipe.Cluster(
        2, 0, 1, gpus, wait, wait, wait, wait, wait, Encryption.AUTO, Optional.empty(), 0);
  }

  @Test
  void theProcessTakesTheAddressThatSparkGave() {
    String gpu = RankResources.gpu(cluster(1), List.of("3"));
    RankResources.compute(cluster(1), gpu);
    assertThat(System.getProperty(Accelerator.DEVICE)).isEqualTo("3");
    assertThat(System.getProperty(Accelerator.KERNELS)).isEqualTo("cuda");
    RankResources.compute(cluster(1), gpu);
  }

  @Test
  void kernelsOfTheCommandLineStay() {
    System.setProperty(Accelerator.KERNELS, "vector");
    RankResources.compute(cluster(1), "3");
    assertThat(System.getProperty(Accelerator.KERNELS)).isEqualTo("vector");
  }

  @Test
  void withoutGpusNothingIsChosen() {
    RankResources.compute(cluster(0), "");
    assertThat(System.getProperty(Accelerator.DEVICE)).isNull();
    assertThat(System.getProperty(Accelerator.KERNELS)).isNull();
  }

  @Test
  void twoRanksOfOneProcessMustHaveTheSameGpu() {
    RankResources.compute(cluster(1), "0");
    assertThatThrownBy(() -> RankResources.compute(cluster(1), "1"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the ranks of one executor have the GPUs 0 and 1");
  }
}
