package io.elapid.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.SplitMix;
import io.elapid.data.image.FloatImage;
import io.elapid.data.image.HsvColor;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Grid;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.Segmentation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Pictures whose red and green say where a pixel was: what a transform did can be read off them,
 * and boxes, masks and labels be worked out anew.
 */
class ObjectTransformsTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 120;
  private static final int MARK = 77;

  @Test
  @SuppressWarnings("ReferenceEquality") // The same object: nothing was done.
  void minIouCropKeepsToItsRules() {
    MinIouCrop crop = new MinIouCrop(List.of(0.1, 0.3, 0.5, 0.7, 0.9), 0.3);
    int unchanged = 0;
    Set<Size> sizes = new HashSet<>();
    for (int seed = 0; seed < 400; seed++) {
      Annotated in = objects();
      Annotated out = crop.apply(in, SplitMix.derive(1, seed));
      assertThat(crop.apply(in, SplitMix.derive(1, seed)).image().rgb())
          .isEqualTo(out.image().rgb());
      if (out == in) {
        unchanged++;
        continue;
      }
      sizes.add(out.size());
      assertThat(out.size().width()).isBetween((int) (0.3 * WIDTH) - 1, WIDTH);
      assertThat(out.size().height()).isBetween((int) (0.3 * HEIGHT) - 1, HEIGHT);
      assertThat((double) out.size().height() / out.size().width()).isBetween(0.45, 2.1);
      List<ObjectAnnotation> expected = new ArrayList<>();
      for (Instance instance : ((Instances) in.truth()).list()) {
        double x = (instance.box().left() + instance.box().right()) / 2 - left(out);
        double y = (instance.box().top() + instance.box().bottom()) / 2 - top(out);
        if (x > 0 && y > 0 && x < out.size().width() && y < out.size().height()) {
          expected.add(instance.annotation());
        }
      }
      assertThat(expected).isNotEmpty();
      assertThat(((Instances) out.truth()).list().stream().map(Instance::annotation).toList())
          .isEqualTo(expected);
      assertFollows(out);
    }
    // "As it is" is one of seven; a few overlaps can never be had and are drawn again.
    assertThat(unchanged).isBetween(40, 280);
    assertThat(sizes).hasSizeGreaterThan(50);
  }

  @Test
  void minIouIsThatOfThePublishedCode() {
    Box box = new Box(10, 10, 30, 20);
    io.elapid.data.image.Region region = new io.elapid.data.image.Region(20, 0, 20, 20);
    assertThat((double) MinIouCrop.iou(region, box))
        .isCloseTo(100.0 / (400 + 200 - 100), within(1e-6));
    assertThat(MinIouCrop.iou(new io.elapid.data.image.Region(50, 50, 4, 4), box)).isZero();
  }

  @Test
  void rangeCropDrawsBothSidesAndLeavesOutWhatIsOutside() {
    RangeCrop crop = new RangeCrop(40, 140);
    Set<Integer> widths = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      Annotated out = crop.apply(objects(), SplitMix.derive(2, seed));
      assertThat(out.size().width()).isBetween(40, 140);
      assertThat(out.size().height()).isBetween(40, HEIGHT);
      widths.add(out.size().width());
      long expected =
          ((Instances) objects().truth())
              .list().stream()
                  .filter(
                      i ->
                          i.box().left() < left(out) + out.size().width()
                              && i.box().right() > left(out)
                              && i.box().top() < top(out) + out.size().height()
                              && i.box().bottom() > top(out))
                  .count();
      assertThat(((Instances) out.truth()).list()).hasSize((int) expected);
      assertFollows(out);
    }
    assertThat(widths).hasSizeGreaterThan(60);
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // The same object: nothing was done.
  void expandLaysAShareOfThePicturesOnTheMeanColour() {
    Expand expand = new Expand(0.5, 1, 4, new Expand.Color(123, 116, 103));
    int expanded = 0;
    for (int seed = 0; seed < 120; seed++) {
      Annotated in = objects();
      Annotated out = expand.apply(in, SplitMix.derive(3, seed));
      if (out == in) {
        continue;
      }
      expanded++;
      double ratio = (double) out.size().width() / WIDTH;
      assertThat(ratio).isBetween(0.99, 4.0);
      assertThat((double) out.size().height() / HEIGHT).isCloseTo(ratio, within(0.02));
      Image image = out.image();
      int marked = 0;
      int filled = 0;
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < image.width(); x++) {
          marked += image.value(x, y, 2) == MARK ? 1 : 0;
          filled += image.value(x, y, 2) == 103 && image.value(x, y, 0) == 123 ? 1 : 0;
        }
      }
      assertThat(marked).isEqualTo(WIDTH * HEIGHT);
      assertThat(marked + filled).isEqualTo(image.width() * image.height());
      assertFollows(out);
    }
    assertThat(expanded).isBetween(40, 80);
  }

  @Test
  void flipsAndResizingTakeEverythingAlong() {
    assertFollows(new HorizontalFlip(1).apply(objects(), 1));
    assertFollows(new HorizontalFlip(1).apply(new RangeCrop(60, 100).apply(objects(), 4), 1));
    Annotated resized = new KeepRatioResize(100, List.of(48)).apply(objects(), 1);
    assertThat(resized.size()).isEqualTo(new Size(64, 48));
    Instances instances = (Instances) resized.truth();
    for (int i = 0; i < instances.list().size(); i++) {
      ObjectAnnotation annotation = instances.list().get(i).annotation();
      Box box = instances.list().get(i).box();
      assertThat((double) box.left()).isCloseTo(Math.max(0, annotation.x() * 0.4), within(1e-4));
      double right = Math.min(WIDTH, annotation.x() + annotation.width()) * 0.4;
      assertThat((double) box.right()).isCloseTo(right, within(1e-4));
      Mask whole = MaskRaster.mask(annotation.segmentation(), WIDTH, HEIGHT);
      Mask mask = instances.mask(i);
      for (int y = 0; y < 48; y++) {
        for (int x = 0; x < 64; x++) {
          assertThat(mask.contains(x, y))
              .isEqualTo(whole.contains((int) (x * 2.5), (int) (y * 2.5)));
        }
      }
    }
    assertThat(new SquareResize(50).apply(objects(), 1).size()).isEqualTo(new Size(50, 50));
    assertThat(new MultipleResize(32).apply(objects(), 1).size()).isEqualTo(new Size(160, 128));
    assertThat(Pad.toMultiple(32).apply(objects(), 1).geometry().padded())
        .isEqualTo(new Size(160, 128));
  }

  /** As in a picture that has another size: the same object is learnt as the same box. */
  @Test
  void resizingCutsBoxesAtTheEdgesOfAPictureThatHasItsSizeAlready() {
    Annotated in = objects();
    Annotated moved =
        in.withTruth(
            ((Instances) in.truth()).moved(box -> box.moved(35, -12), Grid.whole(WIDTH, HEIGHT)));
    Annotated out = new KeepRatioResize(WIDTH, List.of(HEIGHT)).apply(moved, 1);
    assertThat(out.image()).isSameAs(in.image());
    List<Instance> cut = ((Instances) out.truth()).list();
    assertThat(cut.get(0).box()).isEqualTo(new Box(55, 18, 95, 68));
    assertThat(cut.get(1).box()).isEqualTo(new Box(125, 0, WIDTH, 33));
    assertThat(cut.get(2).box().right()).isEqualTo(WIDTH);
  }

  @Test
  void aShortSideIsDrawnForEveryPicture() {
    KeepRatioResize several = new KeepRatioResize(1333, List.of(40, 60, 80));
    int[] counts = new int[81];
    for (int seed = 0; seed < 600; seed++) {
      counts[several.apply(objects(), SplitMix.derive(5, seed)).size().height()]++;
    }
    assertThat(counts[40] + counts[60] + counts[80]).isEqualTo(600);
    assertThat(counts[40]).isBetween(150, 250);
    assertThat(counts[60]).isBetween(150, 250);
  }

  @Test
  void aChoiceDrawsItsBranchesEquallyOften() {
    RandomChoice choice =
        new RandomChoice(
            List.of(
                new Pipeline(List.of(new SquareResize(10))),
                new Pipeline(List.of(new SquareResize(20), new HorizontalFlip(1)))));
    int first = 0;
    for (int seed = 0; seed < 400; seed++) {
      first += choice.apply(objects(), SplitMix.derive(6, seed)).size().width() == 10 ? 1 : 0;
    }
    assertThat(first).isBetween(160, 240);
    assertThat(choice.kinds()).doesNotContain(io.elapid.data.target.TargetKind.CLASSIFICATION);
  }

  /** Boxes and masks are where red and green say that their pixels went. */
  private static void assertFollows(Annotated out) {
    Image image = out.image();
    Instances instances = (Instances) out.truth();
    int wrong = 0;
    for (int i = 0; i < instances.list().size(); i++) {
      ObjectAnnotation annotation = instances.list().get(i).annotation();
      Mask whole = MaskRaster.mask(annotation.segmentation(), WIDTH, HEIGHT);
      Mask mask = instances.mask(i);
      Box box = instances.list().get(i).box();
      assertThat(new Size(mask.width(), mask.height())).isEqualTo(out.size());
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < image.width(); x++) {
          boolean shown = image.value(x, y, 2) == MARK;
          int fromX = image.value(x, y, 0);
          int fromY = image.value(x, y, 1);
          boolean masked = shown && whole.contains(fromX, fromY);
          boolean inside = shown && holds(annotated(annotation), fromX, fromY);
          wrong += mask.contains(x, y) == masked ? 0 : 1;
          wrong += (shown && holds(box, x, y)) == inside ? 0 : 1;
        }
      }
    }
    assertThat(wrong).isZero();
  }

  private static Box annotated(ObjectAnnotation a) {
    return new Box(
        (float) a.x(), (float) a.y(), (float) (a.x() + a.width()), (float) (a.y() + a.height()));
  }

  private static boolean holds(Box box, int x, int y) {
    return x + 0.5 > box.left()
        && y + 0.5 > box.top()
        && x + 0.5 < box.right()
        && y + 0.5 < box.bottom();
  }

  private static int left(Annotated picture) {
    return picture.image().value(0, 0, 0);
  }

  private static int top(Annotated picture) {
    return picture.image().value(0, 0, 1);
  }

  private static Image coordinates() {
    byte[] rgb = new byte[WIDTH * HEIGHT * 3];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int at = (y * WIDTH + x) * 3;
        rgb[at] = (byte) x;
        rgb[at + 1] = (byte) y;
        rgb[at + 2] = MARK;
      }
    }
    return new Image(WIDTH, HEIGHT, rgb);
  }

  private static Annotated objects() {
    double[][] boxes = {{20, 30, 40, 50}, {90, 10, 60, 35}, {100.2, 70.2, 30, 40}};
    List<ObjectAnnotation> annotations = new ArrayList<>();
    for (double[] b : boxes) {
      double[] ring = {b[0], b[1], b[0] + b[2], b[1], b[0] + b[2] / 2, b[1] + b[3]};
      annotations.add(
          new ObjectAnnotation(
              annotations.size() + 1,
              1,
              0,
              b[0],
              b[1],
              b[2],
              b[3],
              b[2] * b[3] / 2,
              ObjectAnnotation.Extent.OBJECT,
              new Segmentation.Polygons(List.of(ring))));
    }
    ObjectTarget target = new ObjectTarget(1, Orientation.UPRIGHT, annotations);
    return Annotated.of(
        coordinates(), Instances.of(target, WIDTH, HEIGHT, Instances.Parts.BOXES_AND_MASKS));
  }

  @Test
  void boxesThatEndNowhereNearThePictureAreCutToIt() {
    List<ObjectAnnotation> boxes =
        List.of(
            bare(1, 2, 1e39, 9),
            bare(-1e308, 3, 1.7e308, 1e308),
            bare(-5, 4, 1e6, 30),
            bare(4, 5, 1e7, 9));
    ObjectTarget target = new ObjectTarget(1, Orientation.UPRIGHT, boxes);
    assertThat(Instances.of(target, 20, 10, Instances.Parts.BOXES).list())
        .extracting(Instance::box)
        .containsExactly(
            new Box(1, 2, 20, 10),
            new Box(0, 3, 20, 10),
            new Box(-5, 4, 999_995, 34),
            new Box(4, 5, 20, 10));
  }

  private static ObjectAnnotation bare(double x, double y, double width, double height) {
    return new ObjectAnnotation(
        1, 1, 0, x, y, width, height, 5, ObjectAnnotation.Extent.OBJECT, new Segmentation.None());
  }

  @Test
  void objectsWithoutAMaskAreIgnoredWhereMasksAreLearnt() {
    ObjectTarget target = new ObjectTarget(1, Orientation.UPRIGHT, List.of(bare(1, 1, 9, 9)));
    assertThat(Instances.of(target, 20, 20, Instances.Parts.BOXES).list().get(0).role())
        .isEqualTo(Instance.Role.WANTED);
    assertThat(Instances.of(target, 20, 20, Instances.Parts.BOXES_AND_MASKS).list().get(0).role())
        .isEqualTo(Instance.Role.IGNORED);
  }

  @Test
  void cropsOfLabelMapsPreferPartsWithMoreThanOneClass() {
    RandomCrop checked = new RandomCrop(40, 0.75);
    int variedChecked = 0;
    int variedUnchecked = 0;
    for (int seed = 0; seed < 200; seed++) {
      Annotated out = checked.apply(pixels(), SplitMix.derive(7, seed));
      assertThat(out.size()).isEqualTo(new Size(40, 40));
      LabelMap labels = ((PixelClasses) out.truth()).labels();
      for (int i = 0; i < labels.values().length; i++) {
        int x = out.image().value(i % 40, i / 40, 0);
        int y = out.image().value(i % 40, i / 40, 1);
        assertThat(labels.values()[i] & 0xFF).isEqualTo(label(x, y));
      }
      variedChecked += isVaried(labels) ? 1 : 0;
      Annotated any = new RandomCrop(40, 1).apply(pixels(), SplitMix.derive(7, seed));
      variedUnchecked += isVaried(((PixelClasses) any.truth()).labels()) ? 1 : 0;
    }
    assertThat(variedUnchecked).isBetween(10, 120);
    assertThat(variedChecked).isGreaterThan(variedUnchecked + 50);
    Annotated small = new RandomCrop(500, 0.75).apply(pixels(), 1);
    assertThat(small.size()).isEqualTo(new Size(WIDTH, HEIGHT));
  }

  private static boolean isVaried(LabelMap labels) {
    long[] counts = Arrays.copyOf(labels.histogram(), LabelMap.IGNORED);
    long sum = Arrays.stream(counts).sum();
    long most = Arrays.stream(counts).max().orElseThrow();
    return most < sum && (double) most / sum < 0.75;
  }

  /** A disc of class 4 on class 9, and a stripe that is ignored. */
  private static int label(int x, int y) {
    if (y < 10) {
      return LabelMap.IGNORED;
    }
    return (x - 40) * (x - 40) + (y - 60) * (y - 60) < 400 ? 4 : 9;
  }

  private static Annotated pixels() {
    byte[] labels = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) label(i % WIDTH, i / WIDTH);
    }
    return Annotated.of(coordinates(), new PixelClasses(new LabelMap(WIDTH, HEIGHT, labels)));
  }

  @Test
  void ratioRangeKeepsTheRatioWithinItsBounds() {
    RatioRangeResize resize = new RatioRangeResize(320, 120, 0.5, 2);
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      Annotated out = resize.apply(pixels(), SplitMix.derive(8, seed));
      double ratio = (double) out.size().height() / HEIGHT;
      assertThat(ratio).isBetween(0.48, 2.0);
      assertThat((double) out.size().width() / WIDTH).isCloseTo(ratio, within(0.02));
      assertThat(((PixelClasses) out.truth()).labels().width()).isEqualTo(out.size().width());
      sum += ratio;
    }
    assertThat(sum / 200).isBetween(1.1, 1.4);
  }

  @Test
  void floatDistortionNeitherRoundsNorCuts() {
    // Below 0 the saturation would be more than all, and is cut there.
    Image bright = new Image(1, 1, new byte[] {(byte) 250, (byte) 120, 40});
    ColorRanges brightness = new ColorRanges(32, 1, 1, 1, 1, 0);
    int above = 0;
    int changed = 0;
    int reordered = 0;
    for (int seed = 0; seed < 400; seed++) {
      float[] out = distorted(bright, brightness, SplitMix.derive(9, seed));
      float[] sorted = out.clone();
      Arrays.sort(sorted);
      float delta = sorted[0] - 40;
      assertThat((double) delta).isBetween(-32.0, 32.0);
      assertThat((double) sorted[2]).isCloseTo(250 + delta, within(1e-2));
      assertThat((double) sorted[1]).isCloseTo(120 + delta, within(1e-2));
      changed += Math.abs(delta) > 1e-3 ? 1 : 0;
      above += sorted[2] > 255 ? 1 : 0;
      reordered += Math.abs(out[0] - sorted[2]) > 1 || Math.abs(out[1] - sorted[1]) > 1 ? 1 : 0;
    }
    assertThat(changed).isBetween(160, 240);
    assertThat(above).isPositive();
    // Half of the pictures, and one of six orders is the old one.
    assertThat(reordered).isBetween(130, 205);
  }

  @Test
  void floatDistortionTurnsTheHueAndScalesTheSaturation() {
    Image image = new Image(1, 1, new byte[] {(byte) 200, 100, 60});
    float[] before = FloatImage.of(image).rgb();
    HsvColor.toHsv(before);
    Set<Boolean> turned = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      float[] hue = distorted(image, new ColorRanges(0, 1, 1, 1, 1, 18), SplitMix.derive(10, seed));
      HsvColor.toHsv(hue);
      assertThat((double) hue[1]).isCloseTo(before[1], within(1e-4));
      assertThat((double) hue[2]).isCloseTo(before[2], within(1e-2));
      float[] saturated =
          distorted(image, new ColorRanges(0, 1, 1, 0.5, 1.5, 0), SplitMix.derive(10, seed));
      HsvColor.toHsv(saturated);
      assertThat((double) saturated[1])
          .isBetween(before[1] * 0.499, Math.min(1, before[1] * 1.501));
      turned.add(Math.abs(hue[0] - before[0]) < 18.1 && Math.abs(hue[0] - before[0]) > 1e-2);
    }
    assertThat(turned).contains(true);
    // White has neither hue nor saturation.
    Image white = new Image(1, 1, new byte[] {-1, -1, -1});
    for (int seed = 0; seed < 20; seed++) {
      for (float value : distorted(white, new ColorRanges(0, 1, 1, 0.5, 1.5, 18), seed)) {
        assertThat((double) value).isCloseTo(255, within(1e-3));
      }
    }
  }

  private static float[] distorted(Image image, ColorRanges ranges, long seed) {
    Annotated out =
        new PhotometricDistortion(ranges).apply(Annotated.of(image, objects().truth()), seed);
    assertThatThrownBy(out::image).isInstanceOf(IllegalStateException.class);
    return ((FloatImage) out.pixels()).rgb();
  }

  @Test
  void byteDistortionEndsEveryStepInBytes() {
    // Gray, which the way to hue and back leaves alone.
    byte[] values = {-6, -6, -6, 120, 120, 120, 7, 7, 7};
    Image image = new Image(3, 1, values);
    int changed = 0;
    for (int seed = 0; seed < 400; seed++) {
      Image out = bytes(image, new ColorRanges(32, 1, 1, 1, 1, 0), SplitMix.derive(11, seed));
      int delta = out.value(1, 0, 0) - 120;
      assertThat(delta).isBetween(-32, 32);
      // The same shift of all, its fraction dropped once, cut at both ends.
      assertThat(out.value(0, 0, 1)).isEqualTo(Math.min(255, 250 + delta));
      assertThat(out.value(2, 0, 2)).isBetween(Math.max(0, 7 + delta), Math.max(0, 8 + delta));
      changed += delta != 0 ? 1 : 0;
      Image contrast =
          bytes(image, new ColorRanges(0, 0.5, 1.5, 1, 1, 0), SplitMix.derive(11, seed));
      double low = contrast.value(1, 0, 0) / 120.0;
      double high = (contrast.value(1, 0, 0) + 1) / 120.0;
      assertThat(contrast.value(0, 0, 0))
          .isBetween((int) Math.min(255, 250 * low), (int) Math.min(255, 250 * high));
      assertThat(contrast.value(2, 0, 0)).isBetween((int) (7 * low), (int) (7 * high));
    }
    assertThat(changed).isBetween(140, 250);
  }

  private static Image bytes(Image image, ColorRanges ranges, long seed) {
    return new BytePhotometricDistortion(ranges)
        .apply(Annotated.of(image, pixels().truth()), seed)
        .image();
  }

  @Test
  void byteHueWrapsRoundAtItsEnds() {
    Image red = new Image(1, 1, new byte[] {(byte) 200, 0, 2});
    Set<Integer> hues = new HashSet<>();
    for (int seed = 0; seed < 600; seed++) {
      byte[] out =
          bytes(red, new ColorRanges(0, 1, 1, 1, 1, 18), SplitMix.derive(12, seed)).rgb().clone();
      HsvColor.toHsv(out);
      hues.add(out[0] & 0xFF);
    }
    assertThat(hues).allMatch(h -> h <= 18 || h >= 161);
    assertThat(hues).anyMatch(h -> h > 5 && h < 100).anyMatch(h -> h > 165 && h < 178);
  }
}
