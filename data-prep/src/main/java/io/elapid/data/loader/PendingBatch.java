package io.elapid.data.loader;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A batch whose samples are being decoded; whoever decodes the last one completes it. */
final class PendingBatch {
  /** A sample that could not be decoded, and why. */
  record CorruptSample(String id, String reason) {}

  /** A finished batch (null if none of its samples could be decoded) and what was wrong in it. */
  record Result(Batch batch, List<CorruptSample> corrupt) {}

  private static final long MIX = 1L << 33;

  private final BatchPlan.Encoded encoded;
  private final SampleDecoder decoder;
  private final LoaderSettings settings;
  private final Buffers buffers;
  private final String[] faults;
  private final AtomicInteger missing;
  private final CompletableFuture<Result> result = new CompletableFuture<>();

  PendingBatch(
      BatchPlan.Encoded encoded, SampleDecoder decoder, LoaderSettings settings, Buffers buffers) {
    this.encoded = encoded;
    this.decoder = decoder;
    this.settings = settings;
    this.buffers = buffers;
    this.faults = new String[encoded.samples().size()];
    this.missing = new AtomicInteger(encoded.samples().size());
  }

  CompletableFuture<Result> result() {
    return result;
  }

  void start(Executor workers) {
    try {
      for (int i = 0; i < encoded.samples().size(); i++) {
        int row = i;
        workers.execute(() -> decode(row));
      }
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
  }

  private void decode(int row) {
    Sample sample = encoded.samples().get(row);
    try {
      decoder.image(sample, encoded.seeds()[row], buffers, row);
      decoder.target(sample, buffers, row);
    } catch (UnreadableImageException e) {
      faults[row] = e.getMessage();
    } catch (Throwable e) {
      result.completeExceptionally(new SampleFailure(sample.id(), e));
    }
    if (missing.decrementAndGet() == 0 && !result.isDone()) {
      try {
        result.complete(finish());
      } catch (Throwable e) {
        result.completeExceptionally(new SampleFailure(sample.id(), e));
      }
    }
  }

  private Result finish() throws UnreadableImageException {
    List<CorruptSample> corrupt = new ArrayList<>();
    List<Integer> good = new ArrayList<>();
    for (int row = 0; row < faults.length; row++) {
      if (faults[row] == null) {
        good.add(row);
      } else {
        corrupt.add(new CorruptSample(encoded.samples().get(row).id(), faults[row]));
      }
    }
    if (good.isEmpty()) {
      return new Result(null, corrupt);
    }
    Batch batch =
        switch (encoded.corrupt()) {
          case REPLACE -> mixed(batch(replaceCorrupt(), encoded.seeds()));
          case OMIT -> batch(omitCorrupt(good), seeds(good));
        };
    decoder.clear(buffers, batch.size());
    return new Result(batch, corrupt);
  }

  /** The next good sample of the batch, wrapping around, with the seed of the one it replaces. */
  private List<Sample> replaceCorrupt() throws UnreadableImageException {
    List<Sample> rows = new ArrayList<>(encoded.samples());
    for (int row = 0; row < faults.length; row++) {
      if (faults[row] != null) {
        int neighbour = row;
        while (faults[neighbour] != null) {
          neighbour = (neighbour + 1) % faults.length;
        }
        Sample sample = encoded.samples().get(neighbour);
        decoder.image(sample, encoded.seeds()[row], buffers, row);
        decoder.target(sample, buffers, row);
        rows.set(row, sample);
      }
    }
    return rows;
  }

  /** Only training mixes; the draw belongs to the batch's first position. */
  private Batch mixed(Batch batch) {
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
    return batch;
  }

  private List<Sample> omitCorrupt(List<Integer> good) {
    List<Sample> rows = new ArrayList<>(good.size());
    for (int row : good) {
      Sample sample = encoded.samples().get(row);
      if (row != rows.size()) {
        decoder.moveImage(buffers, row, rows.size());
        decoder.target(sample, buffers, rows.size());
      }
      rows.add(sample);
    }
    return rows;
  }

  private long[] seeds(List<Integer> rows) {
    return rows.stream().mapToLong(row -> encoded.seeds()[row]).toArray();
  }

  private Batch batch(List<Sample> rows, long[] seeds) {
    return new Batch(
        buffers.images(),
        buffers.targets(),
        rows.stream().mapToInt(Sample::label).toArray(),
        rows.stream().map(Sample::id).toList(),
        seeds,
        rows.size(),
        encoded.capacity(),
        settings.imageSize(),
        settings.classes());
  }

  /** Something other than damaged bytes went wrong with a sample. */
  static final class SampleFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SampleFailure(String id, Throwable cause) {
      super("sample " + id + ": " + cause, cause);
    }
  }
}
