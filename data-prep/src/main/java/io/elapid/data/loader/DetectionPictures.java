package io.elapid.data.loader;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.Orientation;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectTarget;
import java.util.List;

/**
 * Makes batches of single pictures that lie in no data set, in the calling thread, each in a frame
 * of its own. Nothing is annotated.
 */
public record DetectionPictures(DetectionSettings settings) {

  /**
   * A batch of one picture.
   *
   * @param id what the batch calls it
   */
  public DetectionBatch batch(String id, Image picture) {
    ObjectTarget unknown = new ObjectTarget(0, Orientation.UPRIGHT, List.of());
    Instances nothing = Instances.of(unknown, picture.width(), picture.height(), settings.parts());
    Annotated ready = settings.pipeline().apply(Annotated.of(picture, nothing), settings.seed());
    DetectionBatch.DetectionSample sample =
        new DetectionBatch.DetectionSample(
            id,
            settings.seed(),
            ready.size(),
            ready.geometry(),
            (Instances) ready.truth(),
            unknown);
    return new DetectionBatch(
        FrameImages.alone(settings.normalization(), ready),
        ready.geometry().padded(),
        List.of(sample),
        1);
  }
}
