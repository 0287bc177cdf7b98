package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnesSearchTest {
  @Test
  void everyPlaceIsFoundFromEveryStart() {
    byte[] bytes = new byte[300];
    new SplittableRandom(1).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (bytes[i] == -1 ? 0x7F : bytes[i]);
    }
    for (int at : new int[] {0, 1, 9, 17, 18, 100, 171, 299}) {
      bytes[at] = -1;
    }
    for (int end = 0; end <= bytes.length; end++) {
      int expected = end;
      for (int from = end; from >= 0; from--) {
        if (from < end && bytes[from] == -1) {
          expected = from;
        }
        assertThat(OnesSearch.next(bytes, from, end)).isEqualTo(expected);
        assertThat(OnesSearch.nextOfWords(bytes, from, end)).isEqualTo(expected);
      }
    }
  }
}
