package io.elapid.data.loader;

import io.elapid.data.augment.UnusablePictureException;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A batch whose samples are being decoded; whoever decodes the last one completes it. */
final class PendingBatch<B> {
  /** A sample that could not be decoded, and why. */
  record CorruptSample(String id, String reason) {}

  /** A finished batch (null if none of its samples could be decoded) and what was wrong in it. */
  record Result<B>(B batch, List<CorruptSample> corrupt) {}

  private final BatchPlan.Encoded encoded;
  private final BatchMaker.Rows<B> rows;
  private final String[] faults;
  private final AtomicInteger missing;
  private final CompletableFuture<Result<B>> result = new CompletableFuture<>();

  PendingBatch(BatchPlan.Encoded encoded, BatchMaker.Rows<B> rows) {
    this.encoded = encoded;
    this.rows = rows;
    this.faults = new String[encoded.samples().size()];
    this.missing = new AtomicInteger(encoded.samples().size());
  }

  CompletableFuture<Result<B>> result() {
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
      rows.decode(row, sample, encoded.seeds()[row]);
    } catch (UnreadableImageException | UnusablePictureException e) {
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

  private Result<B> finish() throws UnreadableImageException {
    List<CorruptSample> corrupt = new ArrayList<>();
    List<BatchMaker.Row> good = new ArrayList<>();
    for (int row = 0; row < faults.length; row++) {
      Sample sample = encoded.samples().get(row);
      if (faults[row] == null) {
        good.add(new BatchMaker.Row(row, sample, encoded.seeds()[row]));
      } else {
        corrupt.add(new CorruptSample(sample.id(), faults[row]));
      }
    }
    if (good.isEmpty()) {
      return new Result<>(null, corrupt);
    }
    List<BatchMaker.Row> kept =
        switch (encoded.corrupt()) {
          case REPLACE -> withReplacements();
          case OMIT -> good;
        };
    return new Result<>(rows.finish(kept), corrupt);
  }

  /** The next good sample of the batch, wrapping around, with the seed of the one it replaces. */
  private List<BatchMaker.Row> withReplacements() throws UnreadableImageException {
    List<BatchMaker.Row> all = new ArrayList<>();
    for (int row = 0; row < faults.length; row++) {
      int from = row;
      while (faults[from] != null) {
        from = (from + 1) % faults.length;
      }
      Sample sample = encoded.samples().get(from);
      long seed = encoded.seeds()[row];
      if (from != row) {
        rows.decode(row, sample, seed);
      }
      all.add(new BatchMaker.Row(row, sample, seed));
    }
    return all;
  }

  /** Something other than damaged bytes went wrong with a sample. */
  static final class SampleFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SampleFailure(String id, Throwable cause) {
      super("sample " + id + ": " + cause, cause);
    }
  }
}
