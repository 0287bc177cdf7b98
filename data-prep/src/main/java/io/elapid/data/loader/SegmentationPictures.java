package io.elapid.data.loader;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.target.PixelClasses;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Makes batches of single pictures that lie in no data set, in the calling thread, each in a frame
 * of its own. Nothing is labelled.
 */
public record SegmentationPictures(SegmentationSettings settings) {

  /**
   * A batch of one picture.
   *
   * @param id what the batch calls it
   * @param picture decoded by {@link #decode}
   */
  public SegmentationBatch batch(String id, Image picture) {
    LabelMap unknown =
        new LabelMap(
            picture.width(), picture.height(), new byte[picture.width() * picture.height()]);
    Annotated plain = Annotated.of(picture, new PixelClasses(unknown));
    Annotated ready = settings.pipeline().apply(plain, settings.seed());
    Size frame = ready.geometry().padded();
    SegmentationBatch.SegmentationSample sample =
        new SegmentationBatch.SegmentationSample(
            id, settings.seed(), ready.size(), ready.geometry(), unknown);
    return new SegmentationBatch(
        FrameImages.alone(settings.normalization(), ready),
        ByteBuffer.allocateDirect(Math.toIntExact(frame.area())),
        frame,
        List.of(sample),
        1);
  }

  /**
   * Decodes a JPEG or PNG file.
   *
   * @throws UnreadableImageException if it is none
   */
  public static Image decode(byte[] encoded) throws UnreadableImageException {
    return ImageCodec.decode(encoded);
  }
}
