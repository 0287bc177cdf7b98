package io.elapid.data.loader;

import io.elapid.data.augment.Geometry;
import io.elapid.data.image.Size;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectTarget;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A batch of normalised pictures in one frame, with the objects of each.
 *
 * @param images direct, native-order float32 up to its limit, shape (capacity, 3, frame height,
 *     frame width); zero right and below of every picture, and in rows without a sample
 * @param frame one of a few sizes
 * @param samples at most {@code capacity}, in the order of the rows
 */
public record DetectionBatch(
    ByteBuffer images, Size frame, List<DetectionSample> samples, int capacity)
    implements ImageBatch {

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public List<String> ids() {
    return samples.stream().map(DetectionSample::id).toList();
  }

  @Override
  public long[] seeds() {
    return samples.stream().mapToLong(DetectionSample::seed).toArray();
  }

  /**
   * What belongs to one row.
   *
   * @param seed as {@link ImageBatch#seeds}
   * @param content size of the picture in the upper left corner of the row
   * @param geometry scale factors, the original size, and the size that the recipe pads to
   * @param instances that are learnt, in the coordinates of the row
   * @param stored all that is annotated, in the coordinates of the original picture
   */
  public record DetectionSample(
      String id,
      long seed,
      Size content,
      Geometry geometry,
      Instances instances,
      ObjectTarget stored) {}
}
