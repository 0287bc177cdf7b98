package io.elapid.data.augment;

import io.elapid.data.image.FloatImage;
import io.elapid.data.image.Image;
import io.elapid.data.image.OpenCvResize;
import io.elapid.data.image.Pixels;
import io.elapid.data.image.Region;
import io.elapid.data.image.Resize;
import io.elapid.data.image.Size;
import io.elapid.data.target.GroundTruth;
import io.elapid.data.target.Instances;
import io.elapid.data.target.PixelClasses;

/**
 * A decoded picture together with what is to be learnt from it: what transforms work on. Moving the
 * pixels moves the truth along.
 *
 * @param truth in the coordinates of {@code pixels}
 */
public record Annotated(Pixels pixels, GroundTruth truth, Geometry geometry) {
  /** A picture that nothing has been done to. */
  public static Annotated of(Image image, GroundTruth truth) {
    return new Annotated(image, truth, Geometry.of(Size.of(image)));
  }

  /**
   * The pixels as bytes.
   *
   * @throws IllegalStateException if a transform has made them floats
   */
  public Image image() {
    if (pixels instanceof Image image) {
      return image;
    }
    throw new IllegalStateException(
        "photometric-distortion leaves no bytes: only flips and padding can follow it");
  }

  /** The pixels as bytes, rounded where they are floats: for looking at. */
  public Image viewed() {
    return pixels instanceof FloatImage floats ? floats.rounded() : image();
  }

  public Size size() {
    return Size.of(pixels);
  }

  /** Other values of the same pixels. */
  Annotated recolored(Pixels values) {
    return new Annotated(values, truth, geometry);
  }

  Annotated withTruth(GroundTruth other) {
    return new Annotated(pixels, other, geometry);
  }

  Annotated withGeometry(Geometry other) {
    return new Annotated(pixels, truth, other);
  }

  /** At another size as OpenCV resizes: pictures bilinear, labels and masks by neighbour. */
  Annotated resized(Size to) {
    Size from = size();
    if (from.equals(to)) {
      return withTruth(cutAtEdges());
    }
    Image image = OpenCvResize.linear(image(), to.width(), to.height());
    return new Annotated(image, resized(truth, from, to), geometry.resized(from, to));
  }

  /** Published resizing cuts boxes whether or not it has anything to resize. */
  private GroundTruth cutAtEdges() {
    return truth instanceof Instances instances
        ? instances.moved(box -> box.clipped(pixels.width(), pixels.height()), instances.grid())
        : truth;
  }

  private static GroundTruth resized(GroundTruth truth, Size from, Size to) {
    if (truth instanceof Instances instances) {
      float x = (float) ((double) to.width() / from.width());
      float y = (float) ((double) to.height() / from.height());
      return instances.moved(
          box -> box.scaled(x, y).clipped(to.width(), to.height()),
          instances.grid().resized(to.width(), to.height()));
    }
    if (truth instanceof PixelClasses classes) {
      return new PixelClasses(OpenCvResize.nearest(classes.labels(), to.width(), to.height()));
    }
    return truth;
  }

  /** Left and right changed places. */
  Annotated mirrored() {
    Pixels turned =
        pixels instanceof FloatImage floats
            ? Mirror.columns(floats)
            : Mirror.columns((Image) pixels);
    return new Annotated(turned, mirrored(truth, pixels.width()), geometry);
  }

  private static GroundTruth mirrored(GroundTruth truth, int width) {
    if (truth instanceof Instances instances) {
      return instances.moved(box -> box.mirrored(width), instances.grid().mirrored());
    }
    return truth instanceof PixelClasses classes
        ? new PixelClasses(Mirror.columns(classes.labels()))
        : truth;
  }

  /** A part; boxes are cut at its edges, and none is left out. */
  Annotated cropped(Region part) {
    Image image = Resize.crop(image(), part.x(), part.y(), part.width(), part.height());
    return new Annotated(image, cropped(truth, part), geometry.framed(Size.of(image)));
  }

  private static GroundTruth cropped(GroundTruth truth, Region part) {
    if (truth instanceof Instances instances) {
      return instances.moved(
          box -> box.moved(-part.x(), -part.y()).clipped(part.width(), part.height()),
          instances.grid().window(part.x(), part.y(), part.width(), part.height()));
    }
    return truth instanceof PixelClasses classes
        ? new PixelClasses(classes.labels().crop(part))
        : truth;
  }
}
