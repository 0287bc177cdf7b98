package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.loader.Batch;
import io.elapid.engine.Classifier;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.BatchStatistics;
import io.elapid.kernel.Accelerator;
import io.elapid.model.Models;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Steps of training and answers of the trained network, computed on the device, against the same on
 * the CPU, each in a JVM of its own as a rank is.
 */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class DeviceTrainingTest {
  private static final int SAMPLES = 2;
  private static final int CLASSES = 5;

  @TempDir private Path folder;

  /** What a JVM computes: a classifier's lesson. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      int side = Integer.parseInt(args[2]);
      BatchStatistics statistics = BatchStatistics.valueOf(args[3]);
      TrainerSettings<Batch> settings =
          TrainerSettings.classifier(
                  Models.byName(args[1]), CLASSES, side, SAMPLES, 5, Lesson.SMOOTH, 1, 0, 1)
              .with(statistics);
      List<Batch> shards =
          statistics == BatchStatistics.BATCH
              ? List.of(batch(side, 3), batch(side, 4))
              : List.of(batch(side, 3));
      int steps = Integer.parseInt(args[4]);
      new Lesson<>(settings, shards, steps, List.of(Classifier.LOGITS)).write(Path.of(args[0]));
    }

    private static Batch batch(int side, int seed) {
      Random random = new Random(seed);
      ByteBuffer images = floats(SAMPLES * 3 * side * side);
      for (int at = 0; at < images.capacity(); at += Float.BYTES) {
        images.putFloat(at, (float) random.nextGaussian());
      }
      ByteBuffer targets = floats(SAMPLES * CLASSES);
      int[] labels = new int[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        labels[i] = i % CLASSES;
        targets.putFloat((i * CLASSES + labels[i]) * Float.BYTES, 1);
      }
      List<String> ids = Collections.nCopies(SAMPLES, "sample");
      long[] seeds = new long[SAMPLES];
      return new Batch(images, targets, labels, ids, seeds, SAMPLES, SAMPLES, side, CLASSES);
    }

    private static ByteBuffer floats(int count) {
      return ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
    }
  }

  /** A network, pictures of a size, and how many steps it learns from them. */
  private record Task(String model, int side, BatchStatistics statistics, int steps) {
    Task(String model, int side) {
      this(model, side, BatchStatistics.SHARD, 1);
    }
  }

  private Learnt learn(Task task, String kernels, String... options) throws Exception {
    return Learnt.from(
        Program.class,
        folder,
        kernels,
        List.of(options),
        task.model(),
        "" + task.side(),
        task.statistics().name(),
        "" + task.steps());
  }

  private static String work(Offload work) {
    return "-D" + Accelerator.WORK + "=" + work;
  }

  /*
   * Pictures whose smallest map has many pixels: a batch norm over two values is all rounding.
   * Steps after the first multiply what differs by ten. MobileMamba's gradients differ by 1e-3
   * between CPUs with 8 and with 16 floats a register.
   */
  @ParameterizedTest
  @CsvSource({
    "tinyvim_s, 64, SHARD, 2, 5e-4",
    "efficientvim_nano, 192, SHARD, 2, 5e-4",
    "efficientvim_nano, 192, BATCH, 1, 5e-4",
    "mobilemamba_t2, 192, SHARD, 1, 3e-3",
    "efficientvmamba_t, 64, SHARD, 1, 5e-4"
  })
  void wholeNetworksStayOnTheDevice(
      String model, int side, BatchStatistics statistics, int steps, double most) throws Exception {
    Task task = new Task(model, side, statistics, steps);
    Learnt cpu = learn(task, Learnt.CPU);
    Learnt device = learn(task, Learnt.DEVICE);
    assertThat(cpu.output()).contains("kernels: vector");
    assertThat(device.output())
        .contains("kernels: cuda over vector")
        .doesNotContain("state spaces only");
    assertThat(device.elsewhere()).isEmpty();
    device.requireCloseTo(cpu, most);
    // scores, which follow the gradients
    device.requireCloseTo(cpu, steps, 5e-4);
  }

  @Test
  void stateSpacesAloneAreComputedThereWhereThatIsAskedFor() throws Exception {
    Task task = new Task("tinyvim_s", 64);
    Learnt hybrid = learn(task, Learnt.DEVICE, work(Offload.STATE_SPACES));
    assertThat(hybrid.output()).contains("state spaces only");
    hybrid.requireCloseTo(learn(task, Learnt.CPU), 5e-4);
  }

  @Test
  void gradientsInBfloat16AreCloseToThoseOfTheCpu() throws Exception {
    Task task = new Task("tinyvim_s", 64);
    Learnt cpu = learn(task, Learnt.CPU);
    for (Offload work : List.of(Offload.NETWORK, Offload.STATE_SPACES)) {
      Learnt device =
          learn(
              task, Learnt.DEVICE, work(work), "-D" + Accelerator.STORAGE + "=" + Storage.BFLOAT16);
      assertThat(device.output()).contains("kernels: cuda in bfloat16 over vector");
      device.requireCloseTo(cpu, 2e-2);
    }
  }

  @Test
  void withoutADriverTheCpuComputesAndSaysWhy() throws Exception {
    Task task = new Task("efficientvim_nano", 32);
    Learnt cpu = learn(task, Learnt.CPU);
    Learnt without = learn(task, Learnt.DEVICE, "-D" + Driver.LIBRARY + "=libnone.so.1");
    assertThat(without.output())
        .containsOnlyOnce(
            "Kernels: everything on the CPU, not on cuda: cannot load libnone.so.1: cannot open")
        .contains("kernels: vector");
    assertThat(without.vectors()).usingRecursiveComparison().isEqualTo(cpu.vectors());
  }
}
