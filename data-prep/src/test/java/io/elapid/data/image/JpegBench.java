package io.elapid.data.image;

import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Decoders of JPEG, one picture a call: {@code ./mvnw -B -pl data-prep test -Dtest=JpegBench}. Its
 * name keeps it out of the build's tests.
 */
public class JpegBench {
  /** As many pixels as ImageNet's 500 x 375. */
  private static final int SIDE = 433;

  private static final int PICTURES = 40;

  @Test
  void decoders(@TempDir Path temp) throws Exception {
    Path folder = temp.resolve("pictures");
    ShapesSpec spec = new ShapesSpec(PICTURES, 10, 10, SIDE, 1);
    ShapesSource.generate(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()), spec, (n, of) -> {});
    new Runner(
            new OptionsBuilder()
                .include(JpegBench.class.getName())
                .param("folder", folder.resolve("train").toString())
                .jvmArgs("--add-modules=jdk.incubator.vector")
                .forks(1)
                .warmupIterations(3)
                .measurementIterations(5)
                .warmupTime(TimeValue.seconds(2))
                .measurementTime(TimeValue.seconds(2))
                .build())
        .run();
  }

  /** Encoded pictures, and the crops of them that training takes. */
  @State(Scope.Thread)
  public static class Pictures {
    private final RandomResizedCrop crop = RandomResizedCrop.of(224, Interpolation.BICUBIC);
    private List<byte[]> all;
    private int next;

    @Param("")
    public String folder;

    @Setup
    public void read() throws IOException {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        all = files.filter(Files::isRegularFile).sorted().map(JpegBench::bytes).toList();
      }
    }

    private byte[] picture() {
      return all.get(next++ % all.size());
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Image own(Pictures pictures) throws UnreadableImageException {
    return ImageCodec.decode(pictures.picture());
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Image openCv(Pictures pictures) {
    return OpenCv.decode(pictures.picture());
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public BufferedImage imageIo(Pictures pictures) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(pictures.picture()));
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Image ownAndRandomCrop(Pictures pictures) throws UnreadableImageException {
    return pictures.crop.decodeAndApply(pictures.picture(), pictures.next);
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Image openCvAndRandomCrop(Pictures pictures) {
    return pictures.crop.apply(OpenCv.decode(pictures.picture()), pictures.next);
  }
}
