package io.elapid.data.loader;

import io.elapid.data.image.Size;
import java.nio.ByteBuffer;
import java.util.List;

/** Pictures of a batch, whatever is known about them beside. */
public sealed interface ImageBatch permits Batch, DetectionBatch, SegmentationBatch {

  /**
   * Direct, native-order float32 up to its limit, shape (capacity, 3, frame height, frame width).
   */
  ByteBuffer images();

  /** Size of every row. */
  Size frame();

  /** Rows that the buffers hold. */
  int capacity();

  /** Rows that hold a sample, the first ones. */
  int size();

  /** Of the samples, in the order of their rows. */
  List<String> ids();

  /**
   * One per sample, a pure function of the data set's seed, the epoch and the position in it:
   * whatever else is random about a sample is to be {@linkplain io.elapid.data.SplitMix#derive
   * derived} from it.
   */
  long[] seeds();
}
