package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.Samples;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageCodecTest {
  private static final String TRAIN = "train/";

  @Test
  void saysWhatIsWrongWithWhatIsNoPicture() {
    assertRefused(new byte[0], "empty");
    assertRefused(new byte[100], "zero bytes");
    assertRefused("<html>not found</html>".getBytes(StandardCharsets.UTF_8), "text: \"<html>");
    assertRefused("GIF89a....".getBytes(StandardCharsets.US_ASCII), "a GIF");
    assertRefused(new byte[] {1, 2, 3, (byte) 0xFF}, "unknown data");
  }

  @Test
  void refusesAJpegThatIsCutShortWhereverTheCutIs() throws IOException {
    byte[] jpeg = sample("n90000047/n90000047_12141.JPEG");
    for (int length = 3; length < jpeg.length; length += 7) {
      assertRefused(Arrays.copyOf(jpeg, length), "");
    }
  }

  @Test
  void refusesAPngThatIsCutShortOrDamaged() throws IOException {
    byte[] png = sample("n90000585/n90000585_750.JPEG");
    for (int length = 8; length < png.length; length += 11) {
      assertRefused(Arrays.copyOf(png, length), "");
    }
    byte[] flipped = png.clone();
    flipped[png.length / 2] ^= 1;
    assertRefused(flipped, "checksum");
  }

  @Test
  void decodingFindsMissingDataBehindAProperEnd() throws IOException {
    byte[] jpeg = sample("n90000047/n90000047_12141.JPEG");
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    assertThatThrownBy(() -> ImageCodec.decode(cut))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("premature end");
  }

  @Test
  void refusesAbsurdSizesBeforeDecoding() throws IOException {
    byte[] jpeg = sample("n90000047/n90000047_12141.JPEG");
    int frame = indexOf(jpeg, 0xC0);
    byte[] huge = jpeg.clone();
    Arrays.fill(huge, frame + 5, frame + 9, (byte) 0xFF);
    assertRefused(huge, "65535 x 65535");
    byte[] lying = jpeg.clone();
    lying[frame + 5] = 0x1F;
    lying[frame + 7] = 0x1F;
    assertRefused(lying, "pixels in " + jpeg.length + " bytes");
    byte[] none = jpeg.clone();
    none[frame + 5] = 0;
    none[frame + 6] = 0;
    assertRefused(none, "without a size");
  }

  @Test
  void refusesLosslessAndArithmeticCoding() throws IOException {
    byte[] jpeg = sample("n90000047/n90000047_12141.JPEG");
    jpeg[indexOf(jpeg, 0xC0) + 1] = (byte) 0xC9;
    assertRefused(jpeg, "not read");
  }

  @Test
  void readsAPngOfMorePixelsThanBytesIfItIsWhole() throws Exception {
    BufferedImage image = new BufferedImage(900, 700, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageCodec.decode(png(image)).rgb()).containsOnly(0);
  }

  @Test
  void dropsTransparencyAndLooksUpPalettes() throws Exception {
    BufferedImage argb = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    argb.setRGB(0, 0, 0x00102030);
    argb.setRGB(1, 0, 0x80405060);
    assertThat(ImageCodec.decode(png(argb)).rgb()).containsExactly(16, 32, 48, 64, 80, 96);

    byte[] red = {0, (byte) 200};
    byte[] green = {50, 60};
    byte[] blue = {70, 80};
    IndexColorModel palette = new IndexColorModel(1, 2, red, green, blue);
    BufferedImage indexed = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
    indexed.getRaster().setSample(1, 0, 0, 1);
    assertThat(ImageCodec.decode(png(indexed)).rgb())
        .containsExactly(0, 50, 70, (byte) 200, 60, 80);
  }

  @Test
  void takesGrayAsItIsStored() throws Exception {
    BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 104);
    gray.getRaster().setSample(1, 0, 0, 3);
    assertThat(ImageCodec.decode(png(gray)).rgb()).containsExactly(104, 104, 104, 3, 3, 3);

    BufferedImage deep = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 0xAB12);
    assertThat(ImageCodec.decode(png(deep)).rgb())
        .containsExactly((byte) 0xAB, (byte) 0xAB, (byte) 0xAB);
  }

  @Test
  void spreadsGrayOfFewBits() throws Exception {
    // 4 pixels of 2 bits: 0, 1, 2, 3.
    byte[] png = png(4, 1, 2, 0, new byte[] {0, 0b00011011});
    assertThat(ImageCodec.inspect(png).width()).isEqualTo(4);
    assertThat(ImageCodec.decode(png).rgb())
        .containsExactly(0, 0, 0, 85, 85, 85, (byte) 170, (byte) 170, (byte) 170, -1, -1, -1);
  }

  /** The JDK spreads gray of few bits over eight where a shade stands for transparency. */
  @Test
  void labelsAreSamplesWhateverIsTransparent() throws Exception {
    byte[] plain = png(4, 1, 2, 0, new byte[] {0, 0b00011011});
    byte[] labels = {0, 1, 2, 3};
    assertThat(ImageCodec.decodeLabels(plain).values()).isEqualTo(labels);
    ByteArrayOutputStream transparent = new ByteArrayOutputStream();
    int header = 8 + 12 + 13;
    transparent.write(plain, 0, header);
    chunk(transparent, "tRNS", new byte[] {0, 1});
    transparent.write(plain, header, plain.length - header);
    byte[] png = transparent.toByteArray();
    assertThat(ImageCodec.decodeLabels(png).values()).isEqualTo(labels);
    assertThat(ImageCodec.decode(png).rgb()).isEqualTo(ImageCodec.decode(plain).rgb());
  }

  @Test
  void cutsSixteenBitsToTheUpperEight() throws Exception {
    byte[] row = {0, 0x12, 0x34, 0x56, 0x78, (byte) 0x9A, (byte) 0xBC};
    assertThat(ImageCodec.decode(png(1, 1, 16, 2, row)).rgb())
        .containsExactly(0x12, 0x56, (byte) 0x9A);
  }

  @Test
  void aJpegWithoutColourMarkersIsTakenForYcc() throws Exception {
    byte[] rgb = new byte[16 * 16 * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 220;
      rgb[i + 1] = 40;
      rgb[i + 2] = 90;
    }
    byte[] jpeg;
    try (JpegEncoder encoder = new JpegEncoder()) {
      jpeg = encoder.encode(new Image(16, 16, rgb), 0.95);
    }
    // Without subsampling and without its JFIF segment the JDK alone would call it RGB.
    int frame = indexOf(jpeg, 0xC0);
    byte[] bare = withoutFirstSegment(jpeg);
    assertThat(indexOf(bare, 0xC0)).isEqualTo(frame - 18);
    Image marked = ImageCodec.decode(jpeg);
    Image unmarked = ImageCodec.decode(bare);
    assertThat(unmarked.rgb()).isEqualTo(marked.rgb());
    assertThat(marked.value(8, 8, 0)).isBetween(210, 230);
    for (int transform : new int[] {0, 1, 2, 9}) {
      assertThat(ImageCodec.decode(withAdobe(jpeg, 20, transform)).rgb())
          .as("JFIF and Adobe's transform %d", transform)
          .isEqualTo(marked.rgb());
    }
    for (int transform : new int[] {1, 2, 9}) {
      byte[] adobe = withAdobe(bare, 2, transform);
      assertThat(ImageCodec.decode(adobe).rgb()).as("%d", transform).isEqualTo(marked.rgb());
      assertThat(JpegDecoder.decodeWithJdk(adobe, JpegStructure.scan(adobe)).rgb())
          .as("%d by the JDK", transform)
          .isEqualTo(JpegDecoder.decodeWithJdk(jpeg, JpegStructure.scan(jpeg)).rgb());
    }
    byte[] both = withAdobe(jpeg, 20, 0);
    assertThat(JpegDecoder.decodeWithJdk(both, JpegStructure.scan(both)).rgb())
        .isEqualTo(JpegDecoder.decodeWithJdk(jpeg, JpegStructure.scan(jpeg)).rgb());
    assertThat(JpegStructure.scan(withAdobe(bare, 2, 0)).isRgb()).isTrue();
  }

  private static byte[] withAdobe(byte[] jpeg, int at, int transform) {
    byte[] segment = {
      -1, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
    };
    byte[] out = new byte[jpeg.length + segment.length];
    System.arraycopy(jpeg, 0, out, 0, at);
    System.arraycopy(segment, 0, out, at, segment.length);
    System.arraycopy(jpeg, at, out, at + segment.length, jpeg.length - at);
    return out;
  }

  @Test
  void cmykWithoutAdobesMarkerIsInvertedAllTheSameAsInPillow() throws Exception {
    byte[] jpeg = sample("n90000312/n90000312_4324.JPEG");
    int adobe = indexOf(jpeg, 0xEE);
    int length = (jpeg[adobe + 2] & 0xFF) << 8 | (jpeg[adobe + 3] & 0xFF);
    byte[] bare = new byte[jpeg.length - length - 2];
    System.arraycopy(jpeg, 0, bare, 0, adobe);
    System.arraycopy(jpeg, adobe + 2 + length, bare, adobe, bare.length - adobe);
    assertThat(ImageCodec.decode(bare).rgb()).isEqualTo(ImageCodec.decode(jpeg).rgb());
  }

  private static void assertRefused(byte[] bytes, String reason) {
    assertThatThrownBy(() -> ImageCodec.inspect(bytes))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(reason);
    assertThatThrownBy(() -> ImageCodec.decode(bytes)).isInstanceOf(UnreadableImageException.class);
  }

  private static byte[] sample(String name) throws IOException {
    return Files.readAllBytes(Samples.FOLDERS.resolve(TRAIN + name));
  }

  private static int indexOf(byte[] bytes, int marker) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == (byte) 0xFF && bytes[i + 1] == (byte) marker) {
        return i;
      }
    }
    throw new AssertionError("no marker " + Integer.toHexString(marker));
  }

  private static byte[] withoutFirstSegment(byte[] jpeg) {
    int length = (jpeg[4] & 0xFF) << 8 | (jpeg[5] & 0xFF);
    byte[] out = new byte[jpeg.length - length - 2];
    System.arraycopy(jpeg, 0, out, 0, 2);
    System.arraycopy(jpeg, 4 + length, out, 2, out.length - 2);
    return out;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    WritableRaster raster = image.getRaster();
    assertThat(raster.getWidth()).isEqualTo(image.getWidth());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** A PNG made by hand from filtered rows. */
  private static byte[] png(int width, int height, int depth, int colour, byte[] rows)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    byte[] header = {
      0, 0, 0, (byte) width, 0, 0, 0, (byte) height, (byte) depth, (byte) colour, 0, 0, 0
    };
    chunk(out, "IHDR", header);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (var deflater = new java.util.zip.DeflaterOutputStream(packed)) {
      deflater.write(rows);
    }
    chunk(out, "IDAT", packed.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] body)
      throws IOException {
    byte[] typed = new byte[4 + body.length];
    System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, typed, 0, 4);
    System.arraycopy(body, 0, typed, 4, body.length);
    CRC32 crc = new CRC32();
    crc.update(typed);
    out.write(java.nio.ByteBuffer.allocate(4).putInt(body.length).array());
    out.write(typed);
    out.write(java.nio.ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
