package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set more than twice as large as the heap is written and read: nothing keeps all of it. */
class BoundedMemoryTest {
  private static final int SAMPLES = 1000;
  private static final int SAMPLE_BYTES = 100_000;
  private static final int HEAP_MIB = 40;

  @TempDir Path temp;

  @Test
  void writesAndReadsMoreThanTheHeapHolds() throws Exception {
    assertThat((long) SAMPLES * SAMPLE_BYTES).isGreaterThan(2L * HEAP_MIB << 20);
    Path log = temp.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP_MIB + "m",
                "-XX:MaxDirectMemorySize=8m",
                "-XX:+UseSerialGC",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                BoundedMemoryTest.class.getName(),
                temp.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(output).contains("read " + SAMPLES + " and " + SAMPLES);
    assertThat(process.exitValue()).as(output).isZero();
  }

  /** Writes, trains an epoch and evaluates, in the folder of the only argument. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Path picture = folder.resolve("picture.jpg");
    Files.write(picture, padded());
    List<SampleRef> refs = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      refs.add(
          new SampleRef(
              "train",
              "train/" + i,
              picture.toUri().toString(),
              0,
              Files.size(picture),
              new TargetRef.OfClass(0)));
    }
    Path set = folder.resolve("set");
    Prepared.write(set, Map.of("train", refs), List.of(new ClassLabel(0, "a", "a")), 2, 64);
    LoaderSettings settings =
        new LoaderSettings(
            List.of(RandomResizedCrop.of(16, Interpolation.BILINEAR)),
            Normalization.imageNet(),
            16,
            1,
            0,
            1,
            1,
            2,
            Duration.ofMinutes(1),
            0);
    Configuration conf = new Configuration();
    int trained = 0;
    try (BatchLoader<Batch> loader =
        BatchLoader.training(
            conf, Samples.hadoop(set), "train", settings, new ShardPlan(1, 0, 1, 10), 0)) {
      while (trained < SAMPLES) {
        Batch batch = loader.next();
        trained += batch.size();
        loader.recycle(batch);
      }
    }
    int evaluated = 0;
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(conf, Samples.hadoop(set), "train", settings, 0, 1, 10)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        evaluated += batch.size();
        loader.recycle(batch);
      }
    }
    System.out.println("read " + trained + " and " + evaluated);
  }

  /** A picture with a comment behind its first marker, as large as one of ImageNet. */
  private static byte[] padded() throws Exception {
    byte[] jpeg =
        Files.readAllBytes(Samples.FOLDERS.resolve("train/n90000047/n90000047_12141.JPEG"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    Random random = new Random(1);
    while (out.size() < SAMPLE_BYTES) {
      byte[] comment = new byte[50_000];
      random.nextBytes(comment);
      int length = comment.length + 2;
      out.write(0xFF);
      out.write(0xFE);
      out.write(length >> 8);
      out.write(length);
      out.write(comment);
    }
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }
}
