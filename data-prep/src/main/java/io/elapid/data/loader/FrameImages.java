package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.Normalization;
import io.elapid.data.image.Image;
import io.elapid.data.image.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** The images of batches whose pictures are padded to one of a few frames. */
final class FrameImages {
  private final Normalization normalization;
  private final FrameSizes frames;
  private final int capacity;
  private final FrameBuffers pool;

  FrameImages(Normalization normalization, FrameSizes frames, int capacity, int keep) {
    this.normalization = normalization;
    this.frames = frames;
    this.capacity = capacity;
    long bytes = bytes(frames.area());
    if (bytes > Integer.MAX_VALUE) {
      throw new InputException(
          "a batch of %d pictures of up to %d pixels takes %d MiB, one buffer holds %d"
              .formatted(capacity, frames.area(), bytes >> 20, Integer.MAX_VALUE >> 20),
          "use a smaller batch, or smaller pictures");
    }
    this.pool = new FrameBuffers(bytes, keep);
  }

  private long bytes(long area) {
    return 4L * Image.CHANNELS * capacity * area;
  }

  /** The smallest frame that holds all pictures as they are to be padded. */
  Size frame(List<Annotated> pictures) {
    return frames.of(
        pictures.stream().map(p -> p.geometry().padded()).reduce(Size::union).orElseThrow());
  }

  /** The pictures, normalised, row after row; rows that are left over are zero. */
  ByteBuffer fill(List<Annotated> pictures, Size frame) {
    ByteBuffer images = pool.take(bytes(frame.area()));
    FloatBuffer floats = images.asFloatBuffer();
    int rowFloats = Math.toIntExact(Image.CHANNELS * frame.area());
    for (int row = 0; row < pictures.size(); row++) {
      normalization.write(pictures.get(row).pixels(), frame, floats, row * rowFloats);
    }
    for (int i = pictures.size() * rowFloats; i < floats.capacity(); i++) {
      floats.put(i, 0f);
    }
    return images;
  }

  void recycle(ByteBuffer images) {
    pool.give(images);
  }
}
