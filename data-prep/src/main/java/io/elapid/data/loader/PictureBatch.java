package io.elapid.data.loader;

import io.elapid.data.image.ImageFormat;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.ClassTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a batch with pictures that lie in no data set, in the calling thread. The batch's memory is
 * reused: {@link #take} ends the use of the batch that it returned before. Not safe for concurrent
 * use.
 */
public final class PictureBatch {
  private final LoaderSettings settings;
  private final SampleDecoder decoder;
  private final Buffers buffers;
  private final int capacity;
  private final List<String> ids = new ArrayList<>();

  public PictureBatch(LoaderSettings settings, int capacity) {
    this.settings = settings;
    this.capacity = capacity;
    this.decoder = new SampleDecoder(settings);
    this.buffers = new Buffers.Pool(capacity, settings.imageSize(), settings.classes(), 1).take();
  }

  /**
   * Adds one picture.
   *
   * @param id what errors and the batch call it
   * @param encoded a JPEG or PNG file
   * @throws UnreadableImageException when it is no picture; the batch is then as it was before
   */
  public void add(String id, byte[] encoded) throws UnreadableImageException {
    if (ids.size() == capacity) {
      throw new IllegalStateException("the batch holds " + capacity + " pictures already");
    }
    Sample sample = new Sample(id, encoded, 0, 0, ImageFormat.JPEG, id, new ClassTarget(0));
    decoder.image(sample, settings.seed(), buffers, ids.size());
    ids.add(id);
  }

  /** The pictures added since the last call; labels and seeds are meaningless zeros. */
  public Batch take() {
    decoder.clear(buffers, ids.size());
    Batch batch =
        new Batch(
            buffers.images(),
            buffers.targets(),
            new int[ids.size()],
            List.copyOf(ids),
            new long[ids.size()],
            ids.size(),
            capacity,
            settings.imageSize(),
            settings.classes());
    ids.clear();
    return batch;
  }
}
