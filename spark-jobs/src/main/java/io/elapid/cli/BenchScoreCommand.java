package io.elapid.cli;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import io.elapid.task.evaluation.ClassGrouping;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoMetric;
import io.elapid.task.evaluation.Detection;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = {
      "Times the measuring of detections as COCO does, on made-up ones, in one thread.",
      "Every picture has seven objects of a few of 80 classes, and detections around them."
    },
    footer = {"", "Example: elapid bench score --pictures 5000 --detections 100"})
final class BenchScoreCommand implements Callable<Integer> {
  private static final Size PICTURE = new Size(640, 480);
  private static final int CLASSES = 80;
  private static final int OBJECTS = 7;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      defaultValue = "5000",
      description = "pictures (default: ${DEFAULT-VALUE})")
  private int pictures;

  @Option(
      names = "--detections",
      paramLabel = "N",
      defaultValue = "100",
      description = "of each picture (default: ${DEFAULT-VALUE})")
  private int detections;

  @Override
  public Integer call() {
    Limits.require("--pictures", pictures, 1, 1_000_000);
    Limits.require("--detections", detections, 1, 1000);
    System.out.printf(Locale.ROOT, "%,d pictures with %d detections each%n", pictures, detections);
    for (IouType type : IouType.values()) {
      // The first time warms up.
      measure(type);
      System.out.println(measure(type));
    }
    return 0;
  }

  private String measure(IouType type) {
    SplitMix random = new SplitMix(1);
    CocoEvaluator evaluator = new CocoEvaluator(type, ClassGrouping.BY_CLASS, CLASSES);
    long matching = 0;
    for (int i = 1; i <= pictures; i++) {
      List<ObjectAnnotation> objects = new ArrayList<>();
      for (int k = 1; k <= OBJECTS; k++) {
        objects.add(MadeUpObjects.object(random, k, PICTURE, CLASSES));
      }
      List<Detection> found = new ArrayList<>();
      for (int k = 0; k < detections; k++) {
        found.add(found(random, objects.get(k % OBJECTS), type));
      }
      long start = System.nanoTime();
      evaluator.add(new ObjectTarget(i, Orientation.UPRIGHT, objects), PICTURE, found);
      matching += System.nanoTime() - start;
    }
    long start = System.nanoTime();
    byte[] bytes = evaluator.toBytes();
    CocoEvaluator merged = CocoEvaluator.fromBytes(bytes);
    long sent = System.nanoTime();
    double ap = merged.results(DetectionLimits.PYCOCOTOOLS).value(CocoMetric.AP);
    long end = System.nanoTime();
    return String.format(
        Locale.ROOT,
        "%s: matching %.2f s, %.1f MB written and read %.2f s, twelve numbers %.2f s (AP %.3f)",
        type == IouType.BBOX ? "boxes" : "masks",
        matching / 1e9,
        bytes.length / 1e6,
        (sent - start) / 1e9,
        (end - sent) / 1e9,
        ap);
  }

  private static Detection found(SplitMix random, ObjectAnnotation object, IouType type) {
    double x = object.x() + random.uniform(-8, 8);
    double y = object.y() + random.uniform(-8, 8);
    int label = random.nextInt(3) == 0 ? random.nextInt(CLASSES) : object.label();
    Box box =
        new Box((float) x, (float) y, (float) (x + object.width()), (float) (y + object.height()));
    if (type == IouType.BBOX) {
      return Detection.of(label, random.nextDouble(), box);
    }
    Segmentation mask =
        new Segmentation.Polygons(
            List.of(MadeUpObjects.ellipse(x, y, object.width(), object.height())));
    return Detection.of(
        label, random.nextDouble(), box, MaskRaster.runs(mask, PICTURE.width(), PICTURE.height()));
  }
}
