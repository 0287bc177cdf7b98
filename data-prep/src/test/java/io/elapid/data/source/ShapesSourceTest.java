package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.Resize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapesSourceTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path temp;

  @Test
  void isAnImageNetFolderWithNamesForItsClasses() throws Exception {
    AtomicLong calls = new AtomicLong();
    Path out = temp.resolve("shapes");
    ShapesSpec spec = new ShapesSpec(60, 24, 12, 48, 5);
    ShapesSource.generate(
        CONF, Samples.hadoop(out), spec, (done, total) -> calls.addAndGet(total == 84 ? 1 : 1000));
    assertThat(calls).hasValue(84);
    assertThat(Samples.names(temp)).containsExactly("shapes");
    ImageNetSource source = ImageNetSource.open(CONF, Samples.hadoop(out));
    assertThat(source.classes())
        .extracting(ClassLabel::name)
        .isEqualTo(ShapesSpec.CLASS_NAMES.subList(0, 12));
    Map<String, Integer> counts = new TreeMap<>();
    for (ListingUnit unit : source.units()) {
      int found = Prepared.pictures(source, unit).size();
      counts.merge(unit.split() + unit.label(), found, Integer::sum);
    }
    assertThat(counts).hasSize(24).containsEntry("train11", 5).containsEntry("val0", 2);
  }

  @Test
  void sameSeedSameBytesWithAnyNumberOfThreads() throws Exception {
    ShapesSpec spec = new ShapesSpec(40, 20, 10, 40, 11);
    for (int threads : new int[] {1, 3}) {
      ShapesSource.generate(
          CONF, Samples.hadoop(temp.resolve("t" + threads)), spec, Progress.NONE, threads);
    }
    ShapesSpec other = new ShapesSpec(40, 20, 10, 40, 12);
    ShapesSource.generate(CONF, Samples.hadoop(temp.resolve("other")), other, Progress.NONE, 2);
    Map<String, List<Byte>> one = contents(temp.resolve("t1"));
    assertThat(one).hasSize(61).isEqualTo(contents(temp.resolve("t3")));
    assertThat(contents(temp.resolve("other")).keySet()).isEqualTo(one.keySet());
    assertThat(contents(temp.resolve("other"))).isNotEqualTo(one);
  }

  @Test
  void leavesAnotherFolderAlone() throws Exception {
    Path out = temp.resolve("mine");
    Files.createDirectories(out);
    Files.writeString(out.resolve("thesis.txt"), "x");
    ShapesSpec spec = new ShapesSpec(10, 10, 10, 40, 1);
    assertThatThrownBy(() -> ShapesSource.generate(CONF, Samples.hadoop(out), spec, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not empty");
    assertThat(Samples.names(out)).containsExactly("thesis.txt");
    assertThatThrownBy(() -> new ShapesSpec(10, 10, 99, 40, 1)).isInstanceOf(InputException.class);
  }

  @Test
  void aFailedRunLeavesNothingBehind() throws Exception {
    Path out = temp.resolve("failed");
    ShapesSpec spec = new ShapesSpec(40, 20, 10, 40, 11);
    assertThatThrownBy(
            () ->
                ShapesSource.generate(
                    CONF,
                    Samples.hadoop(out),
                    spec,
                    (done, total) -> {
                      if (done > 20) {
                        throw new IllegalStateException("killed");
                      }
                    }))
        .isInstanceOf(IOException.class);
    assertThat(Samples.names(temp)).isEmpty();
  }

  /** If pixels alone gave the class away, training on the pictures would prove nothing. */
  @Test
  void aLinearClassifierOnPixelsFails() {
    int side = 12;
    int classes = 10;
    double[][] train = features(3000, classes, side, 0);
    double[][] test = features(1000, classes, side, 1);
    double accuracy = Ridge.fit(train, classes, 30.0).accuracy(test);
    assertThat(accuracy).as("linear accuracy").isLessThan(0.4);
  }

  private static double[][] features(int count, int classes, int side, long seed) {
    double[][] rows = new double[count][];
    for (int i = 0; i < count; i++) {
      byte[] rgb =
          ShapesPainter.paint(Figure.ALL.get(i % classes), 48, SplitMix.derive(9, seed, i));
      Image image = Resize.resize(new Image(48, 48, rgb), side, side, Resize.Filter.BILINEAR);
      double[] row = new double[image.rgb().length + 1];
      for (int k = 0; k < image.rgb().length; k++) {
        row[k] = (image.rgb()[k] & 0xFF) / 127.5 - 1;
      }
      row[row.length - 1] = 1;
      rows[i] = row;
    }
    return rows;
  }

  private static Map<String, List<Byte>> contents(Path folder) throws IOException {
    Map<String, List<Byte>> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : Files.readAllBytes(file)) {
          bytes.add(b);
        }
        contents.put(folder.relativize(file).toString(), bytes);
        if (file.toString().endsWith(".JPEG")) {
          assertThat(readable(file)).isTrue();
        }
      }
    }
    return contents;
  }

  private static boolean readable(Path file) throws IOException {
    try {
      ImageCodec.decode(Files.readAllBytes(file));
      return true;
    } catch (io.elapid.data.image.UnreadableImageException e) {
      return false;
    }
  }
}
