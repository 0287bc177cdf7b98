package io.elapid.task.detection;

import io.elapid.data.augment.Geometry;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionBatch.DetectionSample;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.SegmentationBatch.SegmentationSample;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import io.elapid.golden.Filler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Pictures of two squares on noise of their own, with what a network is to say of them. */
public final class SquarePictures {
  /** Classes of objects, and of pixels. */
  public static final int CLASSES = 3;

  /** Pixels of a side. */
  public static final int SIDE = 64;

  private SquarePictures() {}

  /** A bright square of the second class and a dark one of the third, on noise. */
  private static ByteBuffer images(int pictures) {
    int length = 3 * SIDE * SIDE;
    ByteBuffer images =
        ByteBuffer.allocateDirect(pictures * length * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int picture = 0; picture < pictures; picture++) {
      FloatBuffer pixels = images.asFloatBuffer().position(picture * length).slice();
      pixels.put(new Filler(1 + picture).range("noise", length, -0.2, 0.2));
      paint(pixels, 8, 8, 36, 36, 2);
      paint(pixels, 36, 40, 60, 62, -2);
    }
    return images;
  }

  /** Pictures, with boxes and masks of both. */
  public static DetectionBatch detection(int pictures) {
    List<ObjectAnnotation> objects =
        List.of(annotation(1, 1, 8, 8, 36, 36), annotation(2, 2, 36, 40, 60, 62));
    ObjectTarget target = new ObjectTarget(1, Orientation.UPRIGHT, objects);
    Size size = new Size(SIDE, SIDE);
    DetectionSample sample =
        new DetectionSample(
            "squares",
            7,
            size,
            new Geometry(size, 1, 1, size),
            Instances.of(target, SIDE, SIDE, Instances.Parts.BOXES_AND_MASKS),
            target);
    return new DetectionBatch(
        images(pictures), size, Collections.nCopies(pictures, sample), pictures);
  }

  private static void paint(FloatBuffer pixels, int x1, int y1, int x2, int y2, float value) {
    for (int channel = 0; channel < 3; channel++) {
      for (int y = y1; y < y2; y++) {
        for (int x = x1; x < x2; x++) {
          pixels.put((channel * SIDE + y) * SIDE + x, value);
        }
      }
    }
  }

  private static ObjectAnnotation annotation(
      int id, int label, double x1, double y1, double x2, double y2) {
    double[] ring = {x1, y1, x2, y1, x2, y2, x1, y2};
    return new ObjectAnnotation(
        id,
        label + 1,
        label,
        x1,
        y1,
        x2 - x1,
        y2 - y1,
        (x2 - x1) * (y2 - y1),
        ObjectAnnotation.Extent.OBJECT,
        new Segmentation.Polygons(List.of(ring)));
  }

  /** Pictures, with the class of every pixel; those at the lower edge have none. */
  public static SegmentationBatch segmentation(int pictures) {
    byte[] labels = new byte[SIDE * SIDE];
    label(labels, 8, 8, 36, 36, 1);
    label(labels, 36, 40, 60, 62, 2);
    Arrays.fill(labels, SIDE * (SIDE - 1), SIDE * SIDE, (byte) LabelMap.IGNORED);
    ByteBuffer direct = ByteBuffer.allocateDirect(pictures * labels.length);
    for (int picture = 0; picture < pictures; picture++) {
      direct.put(labels);
    }
    Size size = new Size(SIDE, SIDE);
    SegmentationSample sample =
        new SegmentationSample(
            "squares", 7, size, new Geometry(size, 1, 1, size), new LabelMap(SIDE, SIDE, labels));
    return new SegmentationBatch(
        images(pictures), direct.flip(), size, Collections.nCopies(pictures, sample), pictures);
  }

  private static void label(byte[] labels, int x1, int y1, int x2, int y2, int label) {
    for (int y = y1; y < y2; y++) {
      Arrays.fill(labels, y * SIDE + x1, y * SIDE + x2, (byte) label);
    }
  }
}
