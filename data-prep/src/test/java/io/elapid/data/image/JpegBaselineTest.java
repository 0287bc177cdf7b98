package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.SplitMix;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.RandomResizedCrop;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the JDK's reader, which is libjpeg: the same pixels or none. */
class JpegBaselineTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  static List<Path> written() throws IOException {
    return jpegs(RESOURCES.resolve("jpeg"));
  }

  private static List<Path> jpegs(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().matches(".*\\.(jpg|JPEG)")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("written")
  void readsEveryChromaFormatAndSize(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Image image = decode(bytes);
    if (file.toString().contains("progressive")) {
      assertThat(image).as("left to the JDK").isNull();
    } else {
      assertThat(image).isNotNull();
      assertSame(image, JpegDecoder.decodeWithJdk(bytes, JpegStructure.scan(bytes)));
    }
  }

  @Test
  void readsMostPicturesOfTheDataSets() throws Exception {
    int fast = 0;
    int slow = 0;
    for (String set : List.of("imagenet/folders", "coco", "ade20k")) {
      for (Path file : jpegs(RESOURCES.resolve(set))) {
        byte[] bytes = Files.readAllBytes(file);
        try {
          JpegStructure structure = JpegStructure.scan(bytes);
          Image image = decode(bytes);
          if (image != null) {
            assertSame(image, JpegDecoder.decodeWithJdk(bytes, structure));
            fast++;
          } else {
            slow++;
          }
        } catch (UnreadableImageException e) {
          slow++;
        }
      }
    }
    assertThat(fast).isGreaterThan(200);
    assertThat(slow).isLessThan(20);
  }

  @Test
  void stepsOverRestartMarkers() throws Exception {
    byte[] plain = Files.readAllBytes(RESOURCES.resolve("jpeg/64x49_420_95.jpg"));
    byte[] restarting = withRestarts(plain, 3);
    assertThat(countRestarts(restarting)).isGreaterThan(4);
    JpegStructure structure = JpegStructure.scan(restarting);
    Image image = decode(restarting);
    assertThat(image).isNotNull();
    assertSame(image, JpegDecoder.decodeWithJdk(restarting, structure));
  }

  @ParameterizedTest
  @MethodSource("written")
  void aRectangleIsAsIfCutOutOfTheWhole(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Image whole = ImageCodec.decode(bytes);
    SplitMix random = new SplitMix(11);
    for (int i = 0; i < 60; i++) {
      int width = 1 + random.nextInt(whole.width());
      int height = 1 + random.nextInt(whole.height());
      int x = random.nextInt(whole.width() - width + 1);
      int y = random.nextInt(whole.height() - height + 1);
      Image part = ImageCodec.decode(bytes, (w, h) -> new Region(x, y, width, height));
      assertSame(part, Resize.crop(whole, x, y, width, height));
    }
    RandomResizedCrop crop = RandomResizedCrop.of(9, Interpolation.RANDOM);
    for (int seed = 0; seed < 20; seed++) {
      assertSame(crop.decodeAndApply(bytes, seed), crop.apply(whole, seed));
    }
  }

  @Test
  void leavesDamagedDataToTheOtherReader() throws Exception {
    byte[] bytes = Files.readAllBytes(RESOURCES.resolve("jpeg/64x49_420_95.jpg"));
    byte[] cut = java.util.Arrays.copyOf(bytes, bytes.length / 2);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    assertThat(decode(cut)).isNull();
  }

  private static Image decode(byte[] bytes) throws UnreadableImageException {
    JpegStructure structure = JpegStructure.scan(bytes);
    return JpegBaseline.decode(bytes, structure, Region.all(structure.width(), structure.height()));
  }

  private static void assertSame(Image image, Image expected) {
    assertThat(image.width()).isEqualTo(expected.width());
    assertThat(image.height()).isEqualTo(expected.height());
    assertThat(image.rgb()).isEqualTo(expected.rgb());
  }

  private static int countRestarts(byte[] bytes) {
    int count = 0;
    for (int i = 0; i + 1 < bytes.length; i++) {
      int code = bytes[i + 1] & 0xFF;
      count += bytes[i] == (byte) 0xFF && code >= 0xD0 && code <= 0xD7 ? 1 : 0;
    }
    return count;
  }

  private static byte[] withRestarts(byte[] jpeg, int interval) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    reader.setInput(ImageIO.createImageInputStream(new ByteArrayInputStream(jpeg)));
    IIOMetadata metadata = reader.getImageMetadata(0);
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode restart = new IIOMetadataNode("dri");
    restart.setAttribute("interval", Integer.toString(interval));
    tree.getLastChild().insertBefore(restart, tree.getLastChild().getFirstChild());
    metadata.setFromTree(format, tree);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(reader.read(0), null, metadata), null);
    } finally {
      writer.dispose();
      reader.dispose();
    }
    return bytes.toByteArray();
  }
}
