package io.elapid.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Golden;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Grid;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.Segmentation;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms of detectors and segmenters against what the original implementations made. */
class DownstreamGoldenTest {
  static List<Golden.Case> pipelines() {
    return Golden.cases("image", "det_pipeline");
  }

  static List<Golden.Case> flips() {
    return Golden.cases("image", "flip");
  }

  static List<Golden.Case> labels() {
    return Golden.cases("image", "seg_label");
  }

  static List<Golden.Case> sizes() {
    return Golden.cases("boxes", "rescale_size");
  }

  /** Resized, normalised, padded with zeros below and to the right. */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("pipelines")
  void resizesNormalisesAndPads(Golden.Case golden) {
    JsonNode params = golden.params();
    Pipeline pipeline =
        new Pipeline(
            List.of(
                new KeepRatioResize(
                    params.get("scale").get(0).asInt(),
                    List.of(params.get("scale").get(1).asInt())),
                Pad.toMultiple(32)));
    Annotated result =
        pipeline.apply(Annotated.of(golden.image("inputs", "x"), objects(List.of(), 1, 1)), 5);
    assertThat(result.size()).isEqualTo(size(params.get("resized_hw")));
    Size padded = result.geometry().padded();
    assertThat(padded).isEqualTo(size(params.get("padded_hw")));
    float[] factors = golden.floats("outputs", "scale_factor_wh");
    assertThat((float) result.geometry().scaleX()).isEqualTo(factors[0]);
    assertThat((float) result.geometry().scaleY()).isEqualTo(factors[1]);

    Normalization norm = new Normalization(of255(params.get("mean")), of255(params.get("std")));
    FloatBuffer out = FloatBuffer.allocate(3 * (int) padded.area());
    norm.write(result.pixels(), padded, out, 0);
    assertThat(out.array())
        .usingComparatorWithPrecision((float) golden.tolerance())
        .containsExactly(golden.floats("outputs", "y"));
  }

  private static Size size(JsonNode heightAndWidth) {
    return new Size(heightAndWidth.get(1).asInt(), heightAndWidth.get(0).asInt());
  }

  private static double[] of255(JsonNode three) {
    return new double[] {
      three.get(0).asDouble() / 255, three.get(1).asDouble() / 255, three.get(2).asDouble() / 255
    };
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("flips")
  void flipsBoxes(Golden.Case golden) {
    int width = golden.params().get("width").asInt();
    List<Box> boxes = boxes(golden.floats("inputs", "boxes"));
    Annotated flipped =
        new HorizontalFlip(1)
            .apply(
                Annotated.of(new Image(width, 4, new byte[width * 12]), objects(boxes, width, 4)),
                1);
    List<Box> moved = ((Instances) flipped.truth()).list().stream().map(Instance::box).toList();
    assertThat(moved).isEqualTo(boxes(golden.floats("outputs", "y")));
  }

  private static List<Box> boxes(float[] corners) {
    List<Box> boxes = new ArrayList<>();
    for (int i = 0; i < corners.length; i += 4) {
      boxes.add(new Box(corners[i], corners[i + 1], corners[i + 2], corners[i + 3]));
    }
    return boxes;
  }

  private static Instances objects(List<Box> boxes, int width, int height) {
    List<Instance> list = new ArrayList<>();
    for (Box box : boxes) {
      ObjectAnnotation annotation =
          new ObjectAnnotation(
              list.size() + 1,
              1,
              0,
              box.left(),
              box.top(),
              box.width(),
              box.height(),
              1,
              ObjectAnnotation.Extent.OBJECT,
              new Segmentation.None());
      list.add(new Instance(annotation, box, Instance.Role.WANTED));
    }
    return new Instances(list, Grid.whole(width, height));
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("labels")
  void resizesAndReducesLabels(Golden.Case golden) {
    LabelMap map = golden.labels("inputs", "x");
    Size to = size(golden.params().get("resized_hw"));
    Annotated picture =
        Annotated.of(
            new Image(map.width(), map.height(), new byte[3 * map.width() * map.height()]),
            new PixelClasses(map));
    Annotated resized = picture.resized(to);
    assertThat(((PixelClasses) resized.truth()).labels().values())
        .isEqualTo(golden.labels("outputs", "nearest").values());
    Annotated reduced = new ReduceZeroLabel().apply(picture, 1);
    assertThat(((PixelClasses) reduced.truth()).labels().values())
        .isEqualTo(golden.labels("outputs", "reduced").values());
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("sizes")
  void keepsTheRatioAsMmcvDoes(Golden.Case golden) {
    int[] rows = golden.ints("outputs", "rows");
    for (int i = 0; i < rows.length; i += 8) {
      Size fit = KeepRatioResize.fit(new Size(rows[i], rows[i + 1]), rows[i + 2], rows[i + 3]);
      assertThat(fit).isEqualTo(new Size(rows[i + 4], rows[i + 5]));
      assertThat(fit.roundedUp(32)).isEqualTo(new Size(rows[i + 6], rows[i + 7]));
    }
    assertThat(rows).isNotEmpty();
  }
}
