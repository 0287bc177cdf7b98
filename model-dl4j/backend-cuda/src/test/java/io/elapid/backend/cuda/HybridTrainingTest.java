package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.loader.Batch;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Steps of training with state spaces on the device against the same on the CPU, each in a JVM of
 * its own as a rank is.
 */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class HybridTrainingTest {
  private static final int SAMPLES = 2;
  private static final int CLASSES = 5;
  private static final int STEPS = 2;

  /**
   * An epsilon so large that a step is a smooth function of the gradient: the usual one turns the
   * sign of a gradient that is all rounding into a whole step.
   */
  private static final AdamWSettings SMOOTH = new AdamWSettings(0.9, 0.999, 1e-2, 0.05);

  @TempDir private Path folder;

  /** What a JVM computes: a network's steps, of which the gradients are written to a file. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      int side = Integer.parseInt(args[2]);
      TrainerSettings<Batch> settings =
          TrainerSettings.classifier(
              Models.byName(args[0]), CLASSES, side, SAMPLES, 5, SMOOTH, 1, 0, 1);
      try (Trainer<Batch> trainer = new Trainer<>(settings);
          FileChannel file =
              FileChannel.open(
                  Path.of(args[1]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        System.out.println("kernels: " + OpRegistry.register().kernels().name());
        for (int step = 0; step < STEPS; step++) {
          ByteBuffer vector = trainer.computeShard(batch(side));
          file.write(vector.duplicate());
          StepStats stats = trainer.apply(vector, 1, 1e-3);
          System.out.println("loss: " + stats.loss());
        }
      }
    }

    private static Batch batch(int side) {
      Random random = new Random(3);
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
  private record Run(String output, float[] gradients) {}

  private Run train(String model, int side, String kernels, String driver) throws Exception {
    return train(model, side, kernels, driver, Storage.FLOAT32);
  }

  private Run train(String model, int side, String kernels, String driver, Storage storage)
      throws Exception {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-Xmx400m", "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g"));
    options.add("-Dlog4j2.level=WARN");
    options.addAll(List.of("-D" + Accelerator.KERNELS + "=" + kernels));
    options.addAll(List.of("-D" + Driver.LIBRARY + "=" + driver));
    options.addAll(List.of("-D" + Accelerator.STORAGE + "=" + storage));
    Path file = Files.createTempFile(folder, "gradients", ".bin");
    ChildJvm jvm =
        ChildJvm.run(folder, options, Map.of(), Program.class, model, file.toString(), "" + side);
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    FloatBuffer read =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder()).asFloatBuffer();
    float[] gradients = new float[read.remaining()];
    read.get(gradients);
    return new Run(jvm.output(), gradients);
  }

  private static String driver() {
    return System.getProperty(Driver.LIBRARY, "libcuda.so.1");
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

  // pictures whose smallest map has many pixels: a batch norm over two values is all rounding
  @ParameterizedTest
  @CsvSource({"tinyvim_s, 64", "efficientvim_nano, 192"})
  void stepsAreThoseOfTheCpu(String model, int side) throws Exception {
    Run cpu = train(model, side, "vector", driver());
    Run hybrid = train(model, side, "cuda", driver());
    assertThat(cpu.output()).contains("kernels: vector");
    assertThat(hybrid.output()).contains("kernels: cuda over vector");
    assertGradientsClose(hybrid, cpu, STEPS, 5e-4);
  }

  private static void assertGradientsClose(Run hybrid, Run cpu, int steps, double most) {
    assertThat(hybrid.gradients()).isNotEqualTo(cpu.gradients());
    int length = cpu.gradients().length / STEPS;
    for (int step = 0; step < steps; step++) {
      float[] expected = Arrays.copyOfRange(cpu.gradients(), step * length, (step + 1) * length);
      float[] found = Arrays.copyOfRange(hybrid.gradients(), step * length, (step + 1) * length);
      assertThat(relativeError(found, expected)).as("step %d", step).isLessThan(most);
    }
  }

  // the first alone: what differs there is some eight times as much a step later, in float32 too
  @Test
  void gradientsInBfloat16AreCloseToThoseOfTheCpu() throws Exception {
    Run cpu = train("tinyvim_s", 64, "vector", driver());
    Run hybrid = train("tinyvim_s", 64, "cuda", driver(), Storage.BFLOAT16);
    assertThat(hybrid.output()).contains("kernels: cuda in bfloat16 over vector");
    assertGradientsClose(hybrid, cpu, 1, 2e-2);
  }

  @Test
  void withoutADriverTheCpuComputesAndSaysWhy() throws Exception {
    Run cpu = train("efficientvim_nano", 32, "vector", driver());
    Run without = train("efficientvim_nano", 32, "cuda", "libnone.so.1");
    assertThat(without.output())
        .containsOnlyOnce(
            "Kernels: everything on the CPU, not on cuda: cannot load libnone.so.1: cannot open")
        .contains("kernels: vector");
    assertThat(without.gradients()).isEqualTo(cpu.gradients());
  }
}
