package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out decoded, augmented, normalised batches of a prepared data set, made ahead of time by
 * background threads.
 *
 * <p>Lifecycle: open with {@link #training} or {@link #evaluation}, call {@link #next}, give each
 * batch back with {@link #recycle} when its numbers have been used, close. One consumer thread. The
 * batches are a pure function of data set, settings, plan and step: threads, ranks and restarts
 * change nothing.
 *
 * <p>Memory is bounded by {@code prefetch} batches and the row groups of {@link SampleOrder}'s
 * windows.
 */
public final class BatchLoader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLoader.class);

  private final String split;
  private final LoaderSettings settings;
  private final long stepsPerEpoch;
  private final Buffers.Pool pool;
  private final BatchFeeder feeder;
  private final Set<String> corrupt = new HashSet<>();
  private boolean ended;
  private RuntimeException failure;
  private boolean closed;

  private BatchLoader(
      String split,
      LoaderSettings settings,
      long stepsPerEpoch,
      int capacity,
      SplitFiles files,
      BatchPlan plan) {
    this.split = split;
    this.settings = settings;
    this.stepsPerEpoch = stepsPerEpoch;
    this.pool =
        new Buffers.Pool(
            capacity, settings.imageSize(), settings.classes(), settings.prefetch() + 2);
    this.feeder = new BatchFeeder(split, settings, files, plan, pool);
    feeder.start();
  }

  /**
   * Opens a split for training: endless batches of {@code samplesPerShard}, for every step those of
   * this rank's virtual shards in order.
   *
   * @param startStep global step of the first batch, counted over all epochs from 0
   * @throws InputException if the data set is unfinished, damaged, smaller than one global batch or
   *     of another number of classes
   */
  public static BatchLoader training(
      Configuration conf,
      Path dataset,
      String split,
      LoaderSettings settings,
      ShardPlan plan,
      long startStep)
      throws IOException {
    Manifest manifest = manifest(conf, dataset, settings);
    SplitFiles files = SplitFiles.open(conf, dataset, manifest, split);
    SampleOrder order =
        new SampleOrder(
            files.groupRows(),
            plan.shards(),
            plan.samplesPerShard(),
            settings.seed(),
            settings.repeats());
    if (order.stepsPerEpoch() == 0) {
      throw new InputException(
          "split \"%s\" of %s has %d samples, one batch takes %d"
              .formatted(split, dataset, order.rows(), plan.shards() * plan.samplesPerShard()),
          "use a smaller batch.size");
    }
    BatchPlan batches = new BatchPlan.Training(files, order, plan, settings.seed(), startStep);
    return new BatchLoader(
        split, settings, order.stepsPerEpoch(), plan.samplesPerShard(), files, batches);
  }

  /**
   * Opens a split for evaluation: every sample once over all ranks, in stored order, each rank a
   * contiguous share. {@link #next} returns null at the end; the last batch may be partly filled.
   */
  public static BatchLoader evaluation(
      Configuration conf,
      Path dataset,
      String split,
      LoaderSettings settings,
      int rank,
      int ranks,
      int batchSize)
      throws IOException {
    if (rank < 0 || rank >= ranks || batchSize <= 0) {
      throw new IllegalArgumentException(
          "rank %d of %d with batches of %d".formatted(rank, ranks, batchSize));
    }
    Manifest manifest = manifest(conf, dataset, settings);
    SplitFiles files = SplitFiles.open(conf, dataset, manifest, split);
    long rows = manifest.rows(split);
    long from = rank * rows / ranks;
    long to = (rank + 1) * rows / ranks;
    RowStream stream = new RowStream(files, SampleOrder.stored(files.groupRows(), from, to), 0);
    long batches = (to - from + batchSize - 1) / batchSize;
    return new BatchLoader(
        split,
        settings,
        batches,
        batchSize,
        files,
        new BatchPlan.Evaluation(stream, batchSize, from, settings.seed()));
  }

  private static Manifest manifest(Configuration conf, Path dataset, LoaderSettings settings)
      throws IOException {
    Manifest manifest = Manifest.read(conf, dataset);
    if (manifest.kind() != TargetKind.CLASSIFICATION) {
      throw new InputException(
          "the data set %s is annotated for %s, not with one class for each picture"
              .formatted(dataset, manifest.kind().name().toLowerCase(Locale.ROOT)),
          "use a data set that was prepared as imagenet");
    }
    int classes = manifest.classes().size();
    if (classes != settings.classes()) {
      throw new InputException(
          "the data set %s has %d classes, the model %d"
              .formatted(dataset, classes, settings.classes()),
          "use a model made for " + classes + " classes, or another data set");
    }
    return manifest;
  }

  /** Steps of an epoch in training; in evaluation the number of batches. */
  public long stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Different samples so far that could not be decoded and were replaced or left out. */
  public long skipped() {
    return corrupt.size();
  }

  /**
   * The next batch; null after the last one of an evaluation.
   *
   * @throws InputException if the data cannot be read, more than {@code maxCorrupt} samples are
   *     unreadable, or the batch is not there within {@code timeout}
   */
  public Batch next() throws InterruptedException {
    if (failure != null) {
      throw failure;
    }
    try {
      return nextBatch();
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  private Batch nextBatch() throws InterruptedException {
    long deadline = System.nanoTime() + settings.timeout().toNanos();
    while (!ended) {
      PendingBatch.Result result = await(deadline);
      if (result == null) {
        ended = true;
        break;
      }
      count(result.corrupt());
      if (result.batch() != null) {
        return result.batch();
      }
      rejectBatchWithoutSamples(result);
    }
    return null;
  }

  private PendingBatch.Result await(long deadline) throws InterruptedException {
    if (closed) {
      throw new IllegalStateException("the loader is closed");
    }
    CompletableFuture<PendingBatch.Result> first = feeder.poll(deadline - System.nanoTime());
    try {
      if (first == null) {
        throw new TimeoutException();
      }
      return first.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new InputException(
          "no batch of split \"%s\" within %d s (%s)"
              .formatted(split, settings.timeout().toSeconds(), feeder.state()),
          "check the storage, or raise the loader's timeout",
          e);
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    }
  }

  /** A fault of the input is told as such; anything else keeps its sample and its stack. */
  private static RuntimeException unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    if (failure instanceof InputException input) {
      return new InputException(input.getMessage(), input.remedy(), input);
    }
    if (cause instanceof InputException input) {
      return new InputException(input.getMessage(), input.remedy(), input);
    }
    return new IllegalStateException("loading failed: " + failure.getMessage(), failure);
  }

  private void count(List<PendingBatch.CorruptSample> samples) {
    for (PendingBatch.CorruptSample sample : samples) {
      if (corrupt.add(sample.id())) {
        LOG.warn("Skipping unreadable sample {}: {}", sample.id(), sample.reason());
        if (corrupt.size() > settings.maxCorrupt()) {
          throw new InputException(
              "more than %d unreadable samples in split \"%s\", the last is %s: %s"
                  .formatted(settings.maxCorrupt(), split, sample.id(), sample.reason()),
              "prepare the data set again, checking pixels, or raise data.max-corrupt");
        }
      }
    }
  }

  private void rejectBatchWithoutSamples(PendingBatch.Result result) {
    if (feeder.isTraining()) {
      throw new InputException(
          "every sample of a batch is unreadable, from " + result.corrupt().get(0).id(),
          "prepare the data set again, checking pixels");
    }
  }

  /** Gives a batch's buffers back; the batch must not be used any more. */
  public void recycle(Batch batch) {
    pool.give(batch);
  }

  @Override
  public void close() {
    closed = true;
    feeder.close();
  }
}
