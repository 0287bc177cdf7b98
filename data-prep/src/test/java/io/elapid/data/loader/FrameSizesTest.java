package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.SplitMix;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.Outcome;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomChoice;
import io.elapid.data.augment.RangeCrop;
import io.elapid.data.image.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrameSizesTest {
  private static final Pipeline PUBLISHED =
      new Pipeline(List.of(new KeepRatioResize(1333, List.of(800)), Pad.toMultiple(32)));

  @Test
  void holdsEveryPictureInFewFramesWithLittlePadding() {
    Map<Size, Long> pictures = likeCoco();
    for (int most : new int[] {1, 2, 4, 8}) {
      FrameSizes frames = FrameSizes.choose(pictures, PUBLISHED, 1, most);
      assertThat(frames.sizes()).hasSizeLessThanOrEqualTo(most);
      assertThat(FrameSizes.choose(pictures, PUBLISHED, 1, most)).isEqualTo(frames);
      double padded = 0;
      double own = 0;
      for (Map.Entry<Size, Long> picture : pictures.entrySet()) {
        Size size = PUBLISHED.outcomes(picture.getKey()).get(0).size();
        padded += (double) picture.getValue() * frames.of(size).area();
        own += (double) picture.getValue() * size.area();
      }
      double[] bound = {0, 2.2, 1.35, 0, 1.15, 0, 0, 0, 1.08};
      assertThat(padded / own).as("%d frames", most).isBetween(1.0, bound[most]);
    }
  }

  @Test
  void holdsAnyPicturesThatComeTogether() {
    FrameSizes frames = FrameSizes.choose(likeCoco(), PUBLISHED, 2, 6);
    assertThat(frames.sizes())
        .hasSizeLessThanOrEqualTo(6)
        .contains(new Size(1344, 800), new Size(800, 1344), new Size(1344, 1344));
    assertThat(frames.of(new Size(1344, 32).union(new Size(64, 800))))
        .isEqualTo(new Size(1344, 800));
    assertThat(FrameSizes.choose(likeCoco(), PUBLISHED, 2, 2).sizes())
        .containsExactly(new Size(1344, 1344));
    assertThatThrownBy(() -> frames.of(new Size(2000, 10)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no frame of");
  }

  @Test
  void followsTransformsOfAnySize() {
    Pipeline several =
        new Pipeline(
            List.of(
                new RandomChoice(
                    List.of(
                        new Pipeline(List.of()), new Pipeline(List.of(new RangeCrop(384, 600))))),
                new KeepRatioResize(1333, List.of(480, 800)),
                Pad.toMultiple(32)));
    List<Outcome> outcomes = several.outcomes(new Size(640, 480));
    assertThat(outcomes.stream().map(Outcome::size))
        .containsExactlyInAnyOrder(
            new Size(640, 480),
            new Size(1088, 800),
            new Size(1344, 480),
            new Size(480, 1344),
            new Size(1344, 800),
            new Size(800, 1344));
    FrameSizes frames = FrameSizes.choose(likeCoco(), several, 1, 3);
    outcomes.forEach(o -> assertThat(frames.of(o.size()).holds(o.size())).isTrue());
  }

  /** Mostly 4 : 3 and 3 : 4, and some of any ratio. */
  private static Map<Size, Long> likeCoco() {
    Map<Size, Long> pictures = new HashMap<>();
    pictures.put(new Size(640, 480), 600L);
    pictures.put(new Size(480, 640), 200L);
    SplitMix random = new SplitMix(4);
    for (int i = 0; i < 400; i++) {
      int other = 300 + random.nextInt(340);
      pictures.merge(i % 3 == 0 ? new Size(other, 640) : new Size(640, other), 1L, Long::sum);
    }
    return pictures;
  }
}
