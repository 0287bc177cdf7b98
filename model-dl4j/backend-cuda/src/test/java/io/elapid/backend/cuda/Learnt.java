package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.Accelerator;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a JVM left behind that wrote a {@link Lesson}.
 *
 * @param output what it printed
 * @param vectors gradients of each step, with what else is summed over shards, then answers
 */
record Learnt(String output, List<float[]> vectors) {
  /** Kernels, as the property names them. */
  static final String CPU = "vector";

  /** The same. */
  static final String DEVICE = "cuda";

  /** What the log says of the first kernel of a kind that the device has not computed. */
  private static final Pattern ELSEWHERE = Pattern.compile("(\\w+) on the CPU, not on the device");

  /**
   * Runs a program whose first argument is the file to write, as a rank is run.
   *
   * @param folder of files
   * @param more options of the JVM
   * @param arguments behind the file
   */
  static Learnt from(
      Class<?> program, Path folder, String kernels, List<String> more, String... arguments)
      throws Exception {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-Xmx400m", "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g"));
    options.add("-Dlog4j2.level=INFO");
    options.add("-D" + Accelerator.KERNELS + "=" + kernels);
    options.add("-D" + Driver.LIBRARY + "=" + System.getProperty(Driver.LIBRARY, "libcuda.so.1"));
    options.addAll(more);
    Path file = Files.createTempFile(folder, "vectors", ".bin");
    List<String> all = new ArrayList<>(List.of(file.toString()));
    all.addAll(List.of(arguments));
    ChildJvm jvm = ChildJvm.run(folder, options, Map.of(), program, all.toArray(String[]::new));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    return new Learnt(jvm.output(), read(ByteBuffer.wrap(Files.readAllBytes(file))));
  }

  private static List<float[]> read(ByteBuffer file) {
    List<float[]> vectors = new ArrayList<>();
    while (file.hasRemaining()) {
      int bytes = file.getInt();
      float[] vector = new float[bytes / Float.BYTES];
      file.slice().asFloatBuffer().get(vector);
      file.position(file.position() + bytes);
      vectors.add(vector);
    }
    return vectors;
  }

  /** What the log says that the CPU has computed although there is a device. */
  Set<String> elsewhere() {
    return ELSEWHERE
        .matcher(output)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  /** Checks that all was computed elsewhere, and each vector to that part of its norm the same. */
  void requireCloseTo(Learnt cpu, double most) {
    assertThat(vectors).isNotEmpty().hasSameSizeAs(cpu.vectors());
    assertThat(vectors.get(0)).isNotEqualTo(cpu.vectors().get(0));
    for (int i = 0; i < vectors.size(); i++) {
      requireCloseTo(cpu, i, most);
    }
  }

  /** The same of one vector. */
  void requireCloseTo(Learnt cpu, int vector, double most) {
    assertThat(relativeError(vectors.get(vector), cpu.vectors().get(vector)))
        .as("vector %d", vector)
        .isLessThan(most);
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
}
