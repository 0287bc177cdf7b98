package io.elapid.data.loader;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import java.util.List;

/** Batches of pictures of one size with class distributions, decoded straight into their memory. */
final class ClassificationMaker implements BatchMaker<Batch> {
  private static final long MIX = 1L << 33;

  private final LoaderSettings settings;
  private final SampleDecoder decoder;
  private final Buffers.Pool pool;

  ClassificationMaker(LoaderSettings settings, int capacity) {
    this.settings = settings;
    this.decoder = new SampleDecoder(settings);
    this.pool =
        new Buffers.Pool(
            capacity, settings.imageSize(), settings.classes(), settings.prefetch() + 2);
  }

  @Override
  public Rows<Batch> begin(BatchPlan.Encoded encoded) {
    return new PictureRows(encoded, pool.take());
  }

  @Override
  public void recycle(Batch batch) {
    pool.give(batch);
  }

  private final class PictureRows implements Rows<Batch> {
    private final BatchPlan.Encoded encoded;
    private final Buffers buffers;

    PictureRows(BatchPlan.Encoded encoded, Buffers buffers) {
      this.encoded = encoded;
      this.buffers = buffers;
    }

    @Override
    public void decode(int row, Sample sample, long seed) throws UnreadableImageException {
      decoder.image(sample, seed, buffers, row);
      decoder.target(sample, buffers, row);
    }

    @Override
    public Batch finish(List<Row> rows) {
      for (int to = 0; to < rows.size(); to++) {
        Row row = rows.get(to);
        if (row.index() != to) {
          decoder.moveImage(buffers, row.index(), to);
          decoder.target(row.sample(), buffers, to);
        }
      }
      decoder.clear(buffers, rows.size());
      Batch batch = batch(rows);
      if (encoded.corrupt() == BatchPlan.Corrupt.REPLACE) {
        mix(batch);
      }
      return batch;
    }

    private Batch batch(List<Row> rows) {
      return new Batch(
          buffers.images(),
          buffers.targets(),
          rows.stream().mapToInt(row -> row.sample().label()).toArray(),
          rows.stream().map(row -> row.sample().id()).toList(),
          rows.stream().mapToLong(Row::seed).toArray(),
          rows.size(),
          encoded.capacity(),
          settings.imageSize(),
          settings.classes());
    }

    /** Only training mixes; the draw belongs to the batch's first position. */
    private void mix(Batch batch) {
      settings
          .mix()
          .ifPresent(
              mix ->
                  mix.apply(
                      batch.images().asFloatBuffer(),
                      batch.targets().asFloatBuffer(),
                      batch.size(),
                      Image.CHANNELS,
                      batch.imageSize(),
                      batch.classes(),
                      SplitMix.derive(batch.seeds()[0], MIX)));
    }
  }
}
