package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.ShardMeeting;
import io.elapid.engine.StepProgram;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.BatchStatistics;
import io.elapid.graph.Mode;
import io.elapid.kernel.Accelerator;
import io.elapid.model.Models;
import io.elapid.op.OpRegistry;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
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
  private static final String CPU = "vector";
  private static final String DEVICE = "cuda";

  /** What the log says of the first kernel of a kind that the device has not computed. */
  private static final String ELSEWHERE = "on the CPU, not on the device";

  /**
   * An epsilon so large that a step is a smooth function of the gradient: the usual one turns the
   * sign of a gradient that is all rounding into a whole step.
   */
  private static final AdamWSettings SMOOTH = new AdamWSettings(0.9, 0.999, 1e-2, 0.05);

  @TempDir private Path folder;

  /**
   * What a JVM computes: a network's steps, of which the gradients are written to a file, and
   * behind them the trained network's scores.
   */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      int side = Integer.parseInt(args[2]);
      BatchStatistics statistics = BatchStatistics.valueOf(args[3]);
      Classifier network = new Classifier(Models.byName(args[0]), CLASSES);
      TrainerSettings<Batch> settings =
          TrainerSettings.classifier(
                  Models.byName(args[0]), CLASSES, side, SAMPLES, 5, SMOOTH, 1, 0, 1)
              .with(statistics);
      try (Trainer<Batch> trainer = new Trainer<>(settings);
          FileChannel file =
              FileChannel.open(
                  Path.of(args[1]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        System.out.println("kernels: " + OpRegistry.register().kernels().name());
        for (int step = 0; step < Integer.parseInt(args[4]); step++) {
          ByteBuffer sum = gradients(trainer, side, statistics);
          file.write(sum.duplicate());
          StepStats stats = trainer.apply(sum, shards(statistics), 1e-3);
          System.out.println("loss: " + stats.loss());
        }
        Map<String, NamedTensor> weights =
            trainer.model().stream()
                .collect(Collectors.toMap(NamedTensor::name, Function.identity()));
        try (Evaluator<Batch> evaluator =
            new Evaluator<>(network, Frame.square(SAMPLES, side), Mode.DEPLOY, weights, 1)) {
          FloatBuffer scores = evaluator.answers(batch(side, 3)).floats(Classifier.LOGITS);
          ByteBuffer copy = floats(scores.remaining());
          copy.asFloatBuffer().put(scores);
          file.write(copy);
        }
      }
    }

    private static int shards(BatchStatistics statistics) {
      return statistics == BatchStatistics.BATCH ? 2 : 1;
    }

    private static ByteBuffer gradients(
        Trainer<Batch> trainer, int side, BatchStatistics statistics) {
      if (shards(statistics) == 1) {
        return trainer.computeShard(batch(side, 3));
      }
      List<Batch> batches = List.of(batch(side, 3), batch(side, 4));
      List<ByteBuffer> vectors =
          trainer.computeShards(batches, ShardMeeting.closed(), StepProgram.UNOBSERVED);
      FloatBuffer sum = vectors.get(0).asFloatBuffer();
      FloatBuffer other = vectors.get(1).asFloatBuffer();
      for (int i = 0; i < sum.capacity(); i++) {
        sum.put(i, sum.get(i) + other.get(i));
      }
      return vectors.get(0);
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

  /** What a JVM left behind. */
  private record Run(Task task, String output, float[] numbers) {
    /** Gradients of a step, with what else is summed over shards. */
    float[] step(int step) {
      int length = (numbers.length - SAMPLES * CLASSES) / task.steps();
      return Arrays.copyOfRange(numbers, step * length, (step + 1) * length);
    }

    float[] scores() {
      return Arrays.copyOfRange(numbers, numbers.length - SAMPLES * CLASSES, numbers.length);
    }
  }

  /** A network, pictures of a size, and how many steps it learns from them. */
  private record Task(String model, int side, BatchStatistics statistics, int steps) {
    Task(String model, int side) {
      this(model, side, BatchStatistics.SHARD, 1);
    }
  }

  private Run train(Task task, String kernels, String... more) throws Exception {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-Xmx400m", "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g"));
    options.add("-Dlog4j2.level=INFO");
    options.add("-D" + Accelerator.KERNELS + "=" + kernels);
    options.add("-D" + Driver.LIBRARY + "=" + System.getProperty(Driver.LIBRARY, "libcuda.so.1"));
    options.addAll(List.of(more));
    Path file = Files.createTempFile(folder, "gradients", ".bin");
    ChildJvm jvm =
        ChildJvm.run(
            folder,
            options,
            Map.of(),
            Program.class,
            task.model(),
            file.toString(),
            "" + task.side(),
            task.statistics().name(),
            "" + task.steps());
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    FloatBuffer read =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder()).asFloatBuffer();
    float[] numbers = new float[read.remaining()];
    read.get(numbers);
    return new Run(task, jvm.output(), numbers);
  }

  private static String work(Offload work) {
    return "-D" + Accelerator.WORK + "=" + work;
  }

  private static double relativeError(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(found[i] - (double) expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertThat(norm).isPositive();
    return Math.sqrt(error / norm);
  }

  private static void assertClose(Run device, Run cpu, double most) {
    assertThat(device.numbers()).isNotEqualTo(cpu.numbers());
    for (int step = 0; step < cpu.task().steps(); step++) {
      assertThat(relativeError(device.step(step), cpu.step(step)))
          .as("step %d", step)
          .isLessThan(most);
    }
  }

  // Pictures whose smallest map has many pixels: a batch norm over two values is all rounding.
  // Steps
  // after the first multiply what differs by ten. MobileMamba's gradients differ by 1e-3 between
  // CPUs with 8 and with 16 floats a register.
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
    Run cpu = train(task, CPU);
    Run device = train(task, DEVICE);
    assertThat(cpu.output()).contains("kernels: vector");
    assertThat(device.output())
        .contains("kernels: cuda over vector")
        .doesNotContain("state spaces only", ELSEWHERE);
    assertClose(device, cpu, most);
    assertThat(relativeError(device.scores(), cpu.scores())).isLessThan(5e-4);
  }

  @Test
  void stateSpacesAloneAreComputedThereWhereThatIsAskedFor() throws Exception {
    Task task = new Task("tinyvim_s", 64);
    Run hybrid = train(task, DEVICE, work(Offload.STATE_SPACES));
    assertThat(hybrid.output()).contains("state spaces only");
    assertClose(hybrid, train(task, CPU), 5e-4);
  }

  @Test
  void gradientsInBfloat16AreCloseToThoseOfTheCpu() throws Exception {
    Task task = new Task("tinyvim_s", 64);
    Run cpu = train(task, CPU);
    for (Offload work : List.of(Offload.NETWORK, Offload.STATE_SPACES)) {
      Run device =
          train(task, DEVICE, work(work), "-D" + Accelerator.STORAGE + "=" + Storage.BFLOAT16);
      assertThat(device.output()).contains("kernels: cuda in bfloat16 over vector");
      assertClose(device, cpu, 2e-2);
    }
  }

  @Test
  void withoutADriverTheCpuComputesAndSaysWhy() throws Exception {
    Task task = new Task("efficientvim_nano", 32);
    Run cpu = train(task, CPU);
    Run without = train(task, DEVICE, "-D" + Driver.LIBRARY + "=libnone.so.1");
    assertThat(without.output())
        .containsOnlyOnce(
            "Kernels: everything on the CPU, not on cuda: cannot load libnone.so.1: cannot open")
        .contains("kernels: vector");
    assertThat(without.numbers()).isEqualTo(cpu.numbers());
  }
}
