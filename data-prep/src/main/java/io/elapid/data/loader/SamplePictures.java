package io.elapid.data.loader;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.Instances;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.WholePicture;

/** From a stored sample of any kind to pixels with what is to be learnt from them. */
public final class SamplePictures {
  private SamplePictures() {}

  /**
   * Decodes a sample: pictures of objects come upright and with the usable annotations alone, label
   * maps as stored.
   *
   * @param parts of objects that are wanted; other kinds have none
   * @throws UnreadableImageException if the picture or its labels cannot be decoded, or do not
   *     agree
   */
  public static Annotated decode(Sample sample, Instances.Parts parts)
      throws UnreadableImageException {
    Image stored = ImageCodec.decode(sample.image());
    if (sample.target() instanceof ObjectTarget objects) {
      Image image = objects.orientation().upright(stored);
      return Annotated.of(image, instances(objects, image, parts));
    }
    if (sample.target() instanceof LabelMapTarget labels) {
      return Annotated.of(stored, new PixelClasses(labels(labels, stored)));
    }
    return Annotated.of(stored, new WholePicture(((ClassTarget) sample.target()).label()));
  }

  private static Instances instances(ObjectTarget objects, Image image, Instances.Parts parts)
      throws UnreadableImageException {
    Instances instances = Instances.of(objects, image.width(), image.height(), parts);
    if (parts == Instances.Parts.BOXES_AND_MASKS) {
      for (ObjectAnnotation annotation : objects.annotations()) {
        if (!MaskRaster.canDraw(annotation.segmentation())) {
          throw new UnreadableImageException(
              "annotation %d has a polygon with a point that is nowhere near a picture"
                  .formatted(annotation.id()));
        }
      }
    }
    return instances;
  }

  private static LabelMap labels(LabelMapTarget target, Image image)
      throws UnreadableImageException {
    LabelMap labels = ImageCodec.decodeLabels(target.png());
    if (labels.width() != image.width() || labels.height() != image.height()) {
      throw new UnreadableImageException(
          "the label map has %d x %d pixels, the picture %d x %d"
              .formatted(labels.width(), labels.height(), image.width(), image.height()));
    }
    return labels;
  }
}
