package io.elapid.data.loader;

import io.elapid.data.augment.Geometry;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A batch of normalised pictures in one frame, with a label for every pixel.
 *
 * @param images direct, native-order float32 up to its limit, shape (capacity, 3, frame height,
 *     frame width); zero right and below of every picture, and in rows without a sample
 * @param labels direct unsigned bytes up to its limit, shape (capacity, frame height, frame width);
 *     {@link LabelMap#IGNORED} wherever the images are zero for want of a picture
 * @param frame one of a few sizes
 * @param samples at most {@code capacity}, in the order of the rows
 */
public record SegmentationBatch(
    ByteBuffer images,
    ByteBuffer labels,
    Size frame,
    List<SegmentationSample> samples,
    int capacity)
    implements ImageBatch {

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public List<String> ids() {
    return samples.stream().map(SegmentationSample::id).toList();
  }

  @Override
  public long[] seeds() {
    return samples.stream().mapToLong(SegmentationSample::seed).toArray();
  }

  /**
   * What belongs to one row.
   *
   * @param seed as {@link ImageBatch#seeds}
   * @param content size of the picture in the upper left corner of the row
   * @param geometry scale factors, the original size, and the size that the recipe pads to
   * @param stored the labels of the original picture, which predictions are measured against; named
   *     as those of the row
   */
  public record SegmentationSample(
      String id, long seed, Size content, Geometry geometry, LabelMap stored) {}
}
