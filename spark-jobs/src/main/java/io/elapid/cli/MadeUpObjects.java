package io.elapid.cli;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Size;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.Segmentation;
import java.util.List;

/** Objects of nothing. */
final class MadeUpObjects {
  private static final double SMALLEST = 10;
  private static final double LARGEST = 130;
  private static final int CORNERS = 20;

  private MadeUpObjects() {}

  /**
   * An ellipse anywhere in a picture, of one of so many classes.
   *
   * @param picture larger than 130 pixels each way
   */
  static ObjectAnnotation object(SplitMix random, long id, Size picture, int classes) {
    double width = random.uniform(SMALLEST, LARGEST);
    double height = random.uniform(SMALLEST, LARGEST);
    double x = random.uniform(0, picture.width() - width);
    double y = random.uniform(0, picture.height() - height);
    Segmentation mask = new Segmentation.Polygons(List.of(ellipse(x, y, width, height)));
    // Few classes are frequent, many are rare.
    int label = (int) (classes * Math.pow(random.nextDouble(), 3));
    double area = 0.785 * width * height;
    return new ObjectAnnotation(id, label, label, x, y, width, height, area, Extent.OBJECT, mask);
  }

  /** As a polygon that annotators might have clicked. */
  static double[] ellipse(double x, double y, double width, double height) {
    double[] ring = new double[2 * CORNERS];
    for (int i = 0; i < CORNERS; i++) {
      double angle = 2 * Math.PI * i / CORNERS;
      ring[2 * i] = x + width / 2 * (1 + Math.cos(angle));
      ring[2 * i + 1] = y + height / 2 * (1 + Math.sin(angle));
    }
    return ring;
  }
}
