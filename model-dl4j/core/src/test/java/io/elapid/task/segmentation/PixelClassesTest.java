package io.elapid.task.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class PixelClassesTest {

  /** Two rows of two classes on a map of 2 x 1: class 1 wins right of the middle, then left. */
  private static final FloatBuffer SCORES =
      FloatBuffer.wrap(new float[] {1, 0, 0, 1, /* second row */ 0, 1, 1, 0});

  private static final PixelClasses DECODER = new PixelClasses(2, new Size(2, 1));

  @Test
  void scoresAreEnlargedToTheFrameCutAndBroughtBackToTheOriginalSize() {
    // over 8 columns the two scores are equal in the middle, where the lower class wins
    LabelMap whole = DECODER.of(SCORES, 0, new Size(8, 2), new Size(8, 2), new Size(8, 2));
    assertThat(row(whole, 0)).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
    assertThat(row(whole, 1)).containsExactly(row(whole, 0));
    // of a picture that fills six of the eight columns, the class changes at two thirds
    LabelMap padded = DECODER.of(SCORES, 0, new Size(8, 2), new Size(6, 2), new Size(12, 1));
    assertThat(row(padded, 0)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1);
    LabelMap second = DECODER.of(SCORES, 1, new Size(8, 2), new Size(6, 2), new Size(3, 1));
    assertThat(row(second, 0)).containsExactly(1, 1, 0);
  }

  @Test
  void ofEqualScoresTheLowerClassWins() {
    FloatBuffer even = FloatBuffer.wrap(new float[] {2, 2, 2, 2});
    LabelMap labels = DECODER.of(even, 0, new Size(4, 4), new Size(4, 4), new Size(5, 7));
    assertThat(labels.histogram()[0]).isEqualTo(35);
  }

  private static int[] row(LabelMap labels, int y) {
    int[] row = new int[labels.width()];
    for (int x = 0; x < row.length; x++) {
      row[x] = labels.value(x, y);
    }
    return row;
  }
}
