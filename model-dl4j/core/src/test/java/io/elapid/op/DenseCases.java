package io.elapid.op;

import static io.elapid.op.OpCase.between;
import static io.elapid.op.OpCase.constant;
import static io.elapid.op.OpCase.given;
import static io.elapid.op.OpCase.in;

import io.elapid.kernel.Resampling;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.RoiPooling.Alignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Ops of detectors and segmenters: regions, map sizes, losses with labels. */
final class DenseCases {
  /**
   * Of pictures of 64 x 48 and smaller ones: on every level, outside, without an area, cut by the
   * border, padding.
   */
  private static final double[] REGIONS = {
    0, 2.3, 3.1, 14.7, 13.2,
    1, 0, 0, 10, 12,
    1, -3, -2, 20, 18,
    1, 0, 0, 64, 48,
    0, 30, 10, 60, 40,
    -1, 0, 0, 0, 0,
    0, 20, 20, 20, 30,
    1, 50.5, 40.25, 70, 60,
    0, 0, 0, 64, 48,
    0, -90, -80, -70, -60,
    1, 0.25, -1, 63.5, 44,
  };

  private DenseCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (Alignment alignment : Alignment.values()) {
      for (int samples : new int[] {0, 2}) {
        regions(cases, new RoiPooling(7, 7, samples, alignment, 4, 8), 3, REGIONS, 12, 16, 3);
        regions(cases, new RoiPooling(3, 2, samples, alignment, 4, 8), 1, REGIONS, 12, 16, 2);
        regions(cases, new RoiPooling(2, 3, samples, alignment, 16, 56), 5, REGIONS, 3, 4, 1);
      }
    }
    for (int[] size : new int[][] {{4, 5, 8, 10}, {7, 9, 13, 17}, {8, 8, 5, 6}, {1, 3, 4, 2}}) {
      for (Resampling rule :
          new Resampling[] {Resampling.LINEAR, Resampling.LINEAR_CORNERS, Resampling.MEAN}) {
        resample(cases, "", rule, 2, 3, size[0], size[1], size[2], size[3]);
      }
    }
    resample(cases, "", Resampling.MEAN, 2, 1, 5, 4, 1, 1);
    resample(cases, "", Resampling.LINEAR, 1, 1, 1, 1, 1, 1);
    resample(cases, "", Resampling.LINEAR, 1, 2, 6, 5, 6, 5);
    resample(cases, "", Resampling.NEAREST, 2, 3, 4, 5, 8, 10);
    resample(cases, "", Resampling.NEAREST, 2, 3, 4, 5, 7, 9);
    resample(cases, "", Resampling.NEAREST, 1, 2, 5, 5, 3, 2);
    for (int[] size : new int[][] {{4, 5}, {5, 7}, {1, 1}, {8, 6}}) {
      int height = (size[0] + 1) / 2;
      int width = (size[1] + 1) / 2;
      resample(cases, "", Resampling.EVERY_SECOND, 2, 3, size[0], size[1], height, width);
    }
    selections(cases);
    scatter(cases, "", 2, 8, 3, 5);
    scatter(cases, "", 1, 4, 1, 1);
    focal(cases, "", 2, 3, 5, 4, 7);
    focal(cases, "", 1, 1, 1, 1, 1);
    focal(cases, "", 2, 2, 3, 2, 33);
    differences(cases, "", 2, 3, 4, 5);
    differences(cases, "", 1, 2, 7, 3);
    entropies(cases, "", 2, 5, 4, 6);
    entropies(cases, "", 1, 3, 7, 5);
    entropies(cases, "", 3, 2, 1, 1);
    rows(cases);
    return cases;
  }

  /** Large enough that kernels share the work among threads. */
  static List<OpCase> large() {
    List<OpCase> cases = new ArrayList<>();
    Random random = new Random(3);
    double[] regions = new double[24 * Roi.NUMBERS];
    for (int i = 0; i < regions.length; i += Roi.NUMBERS) {
      regions[i] = random.nextInt(3) - 1;
      regions[i + 1] = 200 * random.nextDouble() - 10;
      regions[i + 2] = 140 * random.nextDouble() - 10;
      regions[i + 3] = regions[i + 1] + 120 * random.nextDouble();
      regions[i + 4] = regions[i + 2] + 120 * random.nextDouble();
    }
    regions(cases, new RoiPooling(7, 7, 0, Alignment.ALIGNED, 4, 20), 40, regions, 40, 56, 3);
    regions(cases, new RoiPooling(14, 14, 2, Alignment.UNALIGNED, 4, 20), 19, regions, 40, 56, 2);
    resample(cases, "large ", Resampling.LINEAR, 2, 30, 17, 19, 68, 76);
    resample(cases, "large ", Resampling.LINEAR_CORNERS, 2, 30, 17, 19, 40, 39);
    resample(cases, "large ", Resampling.NEAREST, 2, 30, 17, 19, 34, 37);
    resample(cases, "large ", Resampling.EVERY_SECOND, 2, 30, 35, 38, 18, 19);
    resample(cases, "large ", Resampling.MEAN, 2, 30, 35, 38, 6, 6);
    cases.add(
        OpCase.local(
            "large class select",
            (g, v) -> List.of(ClassSelect.apply(g, v.get(0), v.get(1), 20)),
            in("x", 60, 20, 14, 14),
            given("labels", new double[] {3, 19, 0, 20, 7, -1, 2}, 60)));
    scatter(cases, "large ", 3, 80, 14, 13);
    focal(cases, "large ", 2, 3, 20, 24, 23);
    differences(cases, "large ", 2, 9, 40, 39);
    entropies(cases, "large ", 2, 21, 65, 47);
    return cases;
  }

  private static void regions(
      List<OpCase> cases,
      RoiPooling pooling,
      int channels,
      double[] regions,
      int height,
      int width,
      int levels) {
    List<OpCase.Input> inputs = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      inputs.add(in("level" + level, 2, channels, height >> level, width >> level));
    }
    inputs.add(given("rois", regions, regions.length / Roi.NUMBERS, Roi.NUMBERS));
    cases.add(
        OpCase.local(
            "%s of %d levels, %d channels".formatted(pooling, levels, channels),
            (g, v) -> List.of(RoiAlign.apply(g, v.subList(0, levels), v.get(levels), pooling)),
            inputs.toArray(OpCase.Input[]::new)));
  }

  private static void resample(
      List<OpCase> cases,
      String prefix,
      Resampling rule,
      long batch,
      long channels,
      int height,
      int width,
      int toHeight,
      int toWidth) {
    cases.add(
        OpCase.local(
            prefix + "resample %s %dx%d to %dx%d".formatted(rule, height, width, toHeight, toWidth),
            (g, v) -> List.of(Resample.apply(g, v.get(0), rule, toHeight, toWidth)),
            in("x", batch, channels, height, width)));
  }

  private static void selections(List<OpCase> cases) {
    double[] labels = {0, 3, 2, 4, -1};
    cases.add(
        OpCase.local(
            "class select of maps",
            (g, v) -> List.of(ClassSelect.apply(g, v.get(0), v.get(1), 4)),
            in("x", 5, 12, 2, 2),
            given("labels", labels, 5)));
    cases.add(
        OpCase.local(
            "class select of rows",
            (g, v) -> List.of(ClassSelect.apply(g, v.get(0), v.get(1), 4)),
            in("x", 6, 16),
            given("labels", new double[] {0, 3, 4, 0, -1, 2}, 6)));
  }

  private static void scatter(List<OpCase> cases, String prefix, long... x) {
    cases.add(
        OpCase.moving(
            prefix + "patch scatter " + ElapidOp.shape(x),
            (g, v) -> List.of(PatchScatter.apply(g, v.get(0))),
            in("x", x)));
  }

  private static void focal(
      List<OpCase> cases, String prefix, int n, int anchors, int classes, int height, int width) {
    String name = "%s%d x %d x %d x %d x %d".formatted(prefix, n, anchors, classes, height, width);
    OpCase.Input logits = between("logits", -4, 4, n, (long) anchors * classes, height, width);
    OpCase.Input divisor = constant("divisor", 2, 3);
    double[] numbers = {classes, 0, classes, classes, classes - 1.0, -1, Math.floor(classes / 2.0)};
    OpCase.Input labels = given("labels", numbers, n, anchors, height, width);
    for (double gamma : new double[] {2, 1.5}) {
      cases.add(
          OpCase.of(
              "focal loss " + gamma + " " + name,
              (g, v) -> List.of(FocalLoss.apply(g, v.get(0), v.get(1), v.get(2), 0.25, gamma)),
              logits,
              labels,
              divisor));
    }
    cases.add(
        OpCase.of(
            "weighted focal loss " + name,
            (g, v) ->
                List.of(FocalLoss.weighted(g, v.get(0), v.get(1), v.get(2), v.get(3), 0.25, 2)),
            logits,
            labels,
            constant("weights", 0.5, 2, n, anchors, height, width),
            divisor));
  }

  private static void differences(
      List<OpCase> cases, String prefix, int n, int anchors, int height, int width) {
    String name = "%s%d x %d x %d x %d".formatted(prefix, n, anchors, height, width);
    long[] shape = {n, 4L * anchors, height, width};
    OpCase.Input divisor = constant("divisor", 2, 3);
    OpCase.Input perBox = constant("weights", 0, 2, n, anchors, height, width);
    for (double beta : new double[] {0, 0.5}) {
      cases.add(
          OpCase.of(
              "smooth L1 loss " + beta + " " + name,
              (g, v) ->
                  List.of(SmoothL1Loss.apply(g, v.get(0), v.get(1), v.get(2), v.get(3), beta)),
              in("x", shape),
              constant("targets", -1, 1, shape),
              perBox,
              divisor));
    }
    cases.add(
        OpCase.of(
            "smooth L1 loss of numbers " + name,
            (g, v) -> List.of(SmoothL1Loss.apply(g, v.get(0), v.get(1), v.get(2), v.get(3), 1)),
            in("x", n, 4),
            constant("targets", -1, 1, n, 4),
            constant("weights", 0, 2, n, 4),
            divisor));
    cases.add(
        OpCase.of(
            "binary cross-entropy " + name,
            (g, v) -> List.of(BinaryCrossEntropy.apply(g, v.get(0), v.get(1), v.get(2), v.get(3))),
            between("x", -4, 4, shape),
            constant("targets", 0, 1, shape),
            perBox,
            divisor));
  }

  private static void entropies(
      List<OpCase> cases, String prefix, int n, int classes, int height, int width) {
    String name = "%s%d x %d x %d x %d".formatted(prefix, n, classes, height, width);
    OpCase.Input logits = between("logits", -3, 3, n, classes, height, width);
    OpCase.Input divisor = constant("divisor", 2, 3);
    OpCase.Input labels =
        given("labels", new double[] {0, classes - 1.0, 1, 255, 0}, n, height, width);
    cases.add(
        OpCase.of(
            "label cross-entropy " + name,
            (g, v) -> List.of(LabelCrossEntropy.apply(g, v.get(0), v.get(1), v.get(2), 255)),
            logits,
            labels,
            divisor));
    cases.add(
        OpCase.of(
            "weighted label cross-entropy " + name,
            (g, v) ->
                List.of(LabelCrossEntropy.weighted(g, v.get(0), v.get(1), v.get(2), v.get(3), 255)),
            logits,
            labels,
            constant("weights", 0.5, 2, n, height, width),
            divisor));
  }

  private static void rows(List<OpCase> cases) {
    OpCase.Input divisor = constant("divisor", 2, 3);
    for (int classes : new int[] {1, 7, 37}) {
      cases.add(
          OpCase.of(
              "focal loss of rows of " + classes,
              (g, v) -> List.of(FocalLoss.apply(g, v.get(0), v.get(1), v.get(2), 0.25, 2)),
              between("logits", -4, 4, 5, classes),
              given("labels", new double[] {classes, -1, 0, classes - 1.0}, 5),
              divisor));
      cases.add(
          OpCase.of(
              "label cross-entropy of rows of " + classes,
              (g, v) ->
                  List.of(
                      LabelCrossEntropy.weighted(g, v.get(0), v.get(1), v.get(2), v.get(3), -1)),
              between("logits", -4, 4, 5, classes),
              given("labels", new double[] {0, -1, classes - 1.0}, 5),
              constant("weights", 0.5, 2, 5),
              divisor));
    }
  }
}
