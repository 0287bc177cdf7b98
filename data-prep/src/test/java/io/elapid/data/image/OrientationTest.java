package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OrientationTest {
  /**
   * What the letters a b c / d e f look like upright, by EXIF's number: 1 to 8 say which side of
   * the scene the stored first row and first column are.
   */
  private static final String[] UPRIGHT = {
    "abc def", "cba fed", "fed cba", "def abc", "ad be cf", "da eb fc", "fc eb da", "cf be ad"
  };

  @Test
  void turnsAsExifSays() {
    byte[] rgb = new byte[18];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) ('a' + i / 3);
    }
    Image stored = new Image(3, 2, rgb);
    for (Orientation orientation : Orientation.values()) {
      Image upright = orientation.upright(stored);
      StringBuilder text = new StringBuilder();
      for (int y = 0; y < upright.height(); y++) {
        for (int x = 0; x < upright.width(); x++) {
          text.append((char) upright.value(x, y, 1));
        }
        text.append(y + 1 < upright.height() ? " " : "");
      }
      assertThat(text.toString())
          .as(orientation.toString())
          .isEqualTo(UPRIGHT[orientation.exif() - 1]);
      assertThat(orientation.isTurned()).isEqualTo(upright.width() == 2);
    }
  }

  @Test
  void readsEitherByteOrderAndShrugsAtDamage() {
    byte[] little = {
      'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0
    };
    byte[] big = {
      'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0
    };
    assertThat(Exif.orientation(little, 0, little.length)).isEqualTo(Orientation.TURNED_LEFT);
    assertThat(Exif.orientation(big, 0, big.length)).isEqualTo(Orientation.TURNED_RIGHT);
    for (int length = 0; length < 22; length++) {
      assertThat(Exif.orientation(Arrays.copyOf(little, length), 0, length))
          .isEqualTo(Orientation.UPRIGHT);
    }
    little[4] = -1;
    little[7] = -1;
    assertThat(Exif.orientation(little, 0, little.length)).isEqualTo(Orientation.UPRIGHT);
    big[19] = 9;
    assertThat(Exif.orientation(big, 0, big.length)).isEqualTo(Orientation.UPRIGHT);
  }
}
