package io.elapid.data.loader;

import io.elapid.data.image.Size;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A batch of decoded, augmented, normalised pictures, ready to be copied into a graph's input.
 *
 * @param images direct, native-order float32, shape (capacity, 3, imageSize, imageSize); rows from
 *     {@code size} on are zero
 * @param targets direct, native-order float32 class distributions, shape (capacity, classes); rows
 *     from {@code size} on are zero
 * @param labels class indices of the first {@code size} rows
 * @param ids sample ids of the first {@code size} rows
 * @param seeds one per row, a pure function of the data set's seed, the epoch and the position in
 *     it: whatever else is random about a sample is to be {@linkplain
 *     io.elapid.data.SplitMix#derive derived} from it
 * @param size number of samples, at most {@code capacity}
 * @param capacity rows that the buffers hold
 */
public record Batch(
    ByteBuffer images,
    ByteBuffer targets,
    int[] labels,
    List<String> ids,
    long[] seeds,
    int size,
    int capacity,
    int imageSize,
    int classes)
    implements ImageBatch {
  @Override
  public Size frame() {
    return new Size(imageSize, imageSize);
  }
}
