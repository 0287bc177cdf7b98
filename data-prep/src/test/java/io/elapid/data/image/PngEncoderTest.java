package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngEncoderTest {
  @Test
  void whatIsWrittenIsReadAgainHereAndElsewhere() throws Exception {
    for (Size size : new Size[] {new Size(1, 1), new Size(37, 5), new Size(5, 64)}) {
      byte[] samples = new byte[size.width() * size.height() * 3];
      new Random(size.width()).nextBytes(samples);
      Image image = new Image(size.width(), size.height(), samples);
      byte[] png = PngEncoder.encode(image);
      assertThat(ImageCodec.decode(png).rgb()).isEqualTo(samples);
      int x = size.width() - 1;
      int y = size.height() - 1;
      int rgb = ImageIO.read(new ByteArrayInputStream(png)).getRGB(x, y);
      for (int channel = 0; channel < 3; channel++) {
        assertThat((rgb >> (16 - 8 * channel)) & 0xFF).isEqualTo(image.value(x, y, channel));
      }
      byte[] values = Arrays.copyOf(samples, samples.length / 3);
      LabelMap labels = new LabelMap(size.width(), size.height(), values);
      assertThat(ImageCodec.decodeLabels(PngEncoder.encode(labels)).values()).isEqualTo(values);
    }
  }
}
