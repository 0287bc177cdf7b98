package io.elapid.observe;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.target.Instances;
import io.elapid.data.target.PixelClasses;
import java.io.IOException;
import java.util.List;

/**
 * Pictures with what is to be learnt from them, as a page can hold them. Not safe for concurrent
 * use.
 */
public final class TruthPainter implements AutoCloseable {
  private static final double QUALITY = 0.85;

  private final Drawing drawing;
  private final JpegEncoder encoder = new JpegEncoder();

  /**
   * A painter.
   *
   * @param names of classes by index
   * @param side that neither side of what is painted exceeds, in pixels
   */
  public TruthPainter(List<String> names, int side) {
    this.drawing = new Drawing(names, side);
  }

  /** The picture as it is. */
  public Thumbnail plain(Annotated picture) throws IOException {
    return encoded(drawing.plain(picture.viewed()));
  }

  /** The picture with its boxes, masks or labels; one class for all of it is not drawn. */
  public Thumbnail painted(Annotated picture) throws IOException {
    Image image = picture.viewed();
    if (picture.truth() instanceof PixelClasses classes) {
      return encoded(drawing.labelled(image, classes.labels()));
    }
    if (picture.truth() instanceof Instances instances) {
      return encoded(drawing.marked(image, Mark.learnt(instances)));
    }
    return encoded(drawing.plain(image));
  }

  private Thumbnail encoded(Image image) throws IOException {
    return new Thumbnail("image/jpeg", encoder.encode(image, QUALITY));
  }

  @Override
  public void close() {
    encoder.close();
  }
}
