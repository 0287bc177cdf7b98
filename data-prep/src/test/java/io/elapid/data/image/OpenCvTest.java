package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;

import io.elapid.data.SplitMix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same pixels as OpenCV, whose decoder is libjpeg-turbo. */
class OpenCvTest {
  static List<Path> jpegs() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/jpeg"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("jpegs")
  void decodesToTheSamePixels(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    assertSame(ImageCodec.decode(bytes), OpenCv.decode(bytes));
  }

  @Test
  void paintedPicturesDecodeToTheSamePixels() throws Exception {
    SplitMix random = new SplitMix(3);
    try (JpegEncoder encoder = new JpegEncoder()) {
      for (int i = 0; i < 20; i++) {
        byte[] bytes = encoder.encode(noise(random), 0.1 + 0.2 * (i % 5));
        assertSame(ImageCodec.decode(bytes), OpenCv.decode(bytes));
      }
    }
  }

  @Test
  void resizesToTheSamePixels() {
    SplitMix random = new SplitMix(4);
    for (int i = 0; i < 100; i++) {
      Image image = noise(random);
      int width = 1 + random.nextInt(2 * image.width());
      int height = 1 + random.nextInt(2 * image.height());
      assertSame(
          OpenCvResize.nearest(image, width, height),
          OpenCv.resized(image, width, height, INTER_NEAREST));
      assertSame(
          OpenCvResize.linear(image, width, height),
          OpenCv.resized(image, width, height, INTER_LINEAR));
    }
  }

  private static Image noise(SplitMix random) {
    int width = 1 + random.nextInt(90);
    int height = 1 + random.nextInt(70);
    byte[] rgb = new byte[width * height * Image.CHANNELS];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) random.nextInt(256);
    }
    return new Image(width, height, rgb);
  }

  private static void assertSame(Image image, Image expected) {
    assertThat(image.width()).isEqualTo(expected.width());
    assertThat(image.height()).isEqualTo(expected.height());
    assertThat(image.rgb()).isEqualTo(expected.rgb());
  }
}
