package io.elapid.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.image.Size;
import io.elapid.worker.UntrainedNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What predictors find within pictures. */
final class FindingTest {
  private static final Predictor.Settings SETTINGS = new Predictor.Settings(2, 4, 1);
  private static final List<Size> SIZES =
      List.of(new Size(90, 45), new Size(40, 60), new Size(64, 64), new Size(88, 44));

  private static List<EncodedPicture> pictures() {
    List<EncodedPicture> all = new ArrayList<>();
    for (Size size : SIZES) {
      all.add(new EncodedPicture("p" + all.size(), png(size, all.size())));
    }
    return all;
  }

  private static byte[] png(Size size, int seed) {
    byte[] rgb = new byte[3 * (int) size.area()];
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % size.width();
      int y = i / 3 / size.width();
      rgb[i] = (byte) (i % 3 == 0 ? x * (seed + 3) : i % 3 == 1 ? y * 4 : (x / 8 + y / 8) * 60);
    }
    return PngEncoder.encode(new Image(size.width(), size.height(), rgb));
  }

  private static Predictor predictor(UntrainedNetwork network) {
    return new Predictor(network.weights(), network.recipe(), SETTINGS);
  }

  @ParameterizedTest
  @EnumSource
  void answersDependOnThePictureAlone(UntrainedNetwork network) throws Exception {
    List<EncodedPicture> pictures = pictures();
    List<EncodedPicture> reversed = new ArrayList<>(pictures);
    Collections.reverse(reversed);
    ExecutorService callers = Executors.newFixedThreadPool(2);
    try (Predictor predictor = predictor(network);
        Predictor other = predictor(network)) {
      List<Prediction> alone = new ArrayList<>();
      pictures.forEach(picture -> alone.addAll(predictor.predict(List.of(picture))));
      assertThat(alone.stream().map(Prediction::answer).distinct()).hasSize(SIZES.size());
      List<Future<List<Prediction>>> asked = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        asked.add(callers.submit(() -> other.predict(reversed)));
      }
      for (Future<List<Prediction>> answers : asked) {
        List<Prediction> together = new ArrayList<>(answers.get(60, TimeUnit.SECONDS));
        Collections.reverse(together);
        assertThat(together).isEqualTo(alone);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeReadIsSaidAndNarrowPicturesAreNoTrouble(UntrainedNetwork network) {
    List<EncodedPicture> pictures =
        List.of(
            new EncodedPicture("wide", png(new Size(900, 1), 1)),
            new EncodedPicture("broken", new byte[] {1, 2, 3}),
            new EncodedPicture("high", png(new Size(1, 900), 1)));
    try (Predictor predictor = predictor(network)) {
      List<Prediction> answers = predictor.predict(pictures);
      assertThat(answers).extracting(Prediction::path).containsExactly("wide", "broken", "high");
      assertThat(answers.get(0).problem()).isNull();
      assertThat(answers.get(1).answer()).isInstanceOf(Answer.Unreadable.class);
      assertThat(answers.get(1).problem()).isNotBlank();
      assertThat(answers.get(1).candidates()).isEmpty();
      assertThat(answers.get(1).objects()).isEmpty();
      assertThatThrownBy(() -> answers.get(1).labelMap()).hasMessageContaining("unreadable");
      assertThat(answers.get(2).problem()).isNull();
      assertThatThrownBy(() -> predictor.predict(new byte[0]))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("unreadable");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RETINA_NET", "MASK_RCNN"})
  void objectsHaveTheirPlaceInThePicture(UntrainedNetwork network) {
    try (Predictor predictor = predictor(network)) {
      Prediction prediction = predictor.predict(List.of(pictures().get(0))).get(0);
      assertThat(((Answer.Objects) prediction.answer()).picture()).isEqualTo(SIZES.get(0));
      // more than the two classes that a classifier would be asked for
      assertThat(prediction.objects()).hasSize(6);
      double before = 1;
      for (FoundObject object : prediction.objects()) {
        assertThat(object.score()).isBetween(0.0, before);
        before = object.score();
        assertThat(object.name()).isEqualTo("thing " + object.index());
        assertThat(object.x1()).isBetween(0.0, object.x2());
        assertThat(object.y1()).isBetween(0.0, object.y2());
        assertThat(object.x2()).isLessThanOrEqualTo(90);
        assertThat(object.y2()).isLessThanOrEqualTo(45);
        assertThat(object.mask().isPresent()).isEqualTo(network == UntrainedNetwork.MASK_RCNN);
        object
            .mask()
            .ifPresent(
                mask -> {
                  assertThat(new Size(mask.width(), mask.height())).isEqualTo(SIZES.get(0));
                  assertThat(mask.bitmap().area()).isEqualTo(mask.area());
                });
      }
      assertThatThrownBy(prediction::candidates).hasMessageContaining("ask for objects()");
      assertThatThrownBy(prediction::labelMap).hasMessageContaining("does not classify pixels");
    }
  }

  @Test
  void everyPixelHasAClass() {
    try (Predictor predictor = predictor(UntrainedNetwork.SEMANTIC_FPN)) {
      Prediction prediction = predictor.predict(List.of(pictures().get(1))).get(0);
      LabelMap map = prediction.labelMap();
      assertThat(new Size(map.width(), map.height())).isEqualTo(SIZES.get(1));
      long[] pixels = map.histogram();
      double before = 1;
      double sum = 0;
      for (Prediction.Candidate share : prediction.candidates()) {
        assertThat(share.name()).isEqualTo("thing " + share.index());
        assertThat(share.probability()).isEqualTo(pixels[share.index()] / 2400.0);
        assertThat(share.probability()).isBetween(0.0, before);
        before = share.probability();
        sum += before;
      }
      assertThat(sum).isCloseTo(1, within(1e-12));
      assertThatThrownBy(prediction::objects).hasMessageContaining("ask for candidates()");
    }
  }
}
