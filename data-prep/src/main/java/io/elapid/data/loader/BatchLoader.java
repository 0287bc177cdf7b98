package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
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
 * <p>Lifecycle: open with {@link #training} or {@link #evaluation} here (pictures with one class)
 * or with a {@link FramedLoader} (objects, label maps), call {@link #next}, give each batch back
 * with {@link #recycle} when its numbers have been used, close. One consumer thread. The batches
 * are a pure function of data set, settings, plan and step: threads, ranks and restarts change
 * nothing.
 *
 * <p>Memory is bounded by {@code prefetch} batches and the row groups of {@link SampleOrder}'s
 * windows.
 *
 * @param <B> a batch
 */
public final class BatchLoader<B> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLoader.class);

  private final String split;
  private final Background background;
  private final long stepsPerEpoch;
  private final BatchMaker<B> maker;
  private final BatchFeeder<B> feeder;
  private final Set<String> corrupt = new HashSet<>();
  private boolean ended;
  private RuntimeException failure;
  private boolean closed;

  BatchLoader(
      String split,
      Background background,
      long stepsPerEpoch,
      SplitFiles files,
      BatchPlan plan,
      BatchMaker<B> maker) {
    this.split = split;
    this.background = background;
    this.stepsPerEpoch = stepsPerEpoch;
    this.maker = maker;
    this.feeder = new BatchFeeder<>(split, background, files, plan, maker);
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
  public static BatchLoader<Batch> training(
      Configuration conf,
      Path dataset,
      String split,
      LoaderSettings settings,
      ShardPlan plan,
      long startStep)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split, settings);
    int[] groupRows = opening.files().groupRows();
    SampleOrder order =
        new SampleOrder(
            groupRows, plan.shards(), plan.samplesPerShard(), settings.seed(), settings.repeats());
    return opening.train(
        RowSelection.all(groupRows),
        Grouping.NONE,
        order,
        plan,
        new SplitOpening.Start(settings.seed(), startStep),
        settings.background(),
        new ClassificationMaker(settings, plan.samplesPerShard()));
  }

  /**
   * Opens a split for evaluation: every sample once over all ranks, in stored order, each rank a
   * contiguous share. {@link #next} returns null at the end; the last batch may be partly filled.
   */
  public static BatchLoader<Batch> evaluation(
      Configuration conf,
      Path dataset,
      String split,
      LoaderSettings settings,
      int rank,
      int ranks,
      int batchSize)
      throws IOException {
    return open(conf, dataset, split, settings)
        .evaluate(
            new EvaluationShare(rank, ranks, batchSize),
            settings.seed(),
            settings.background(),
            new ClassificationMaker(settings, batchSize));
  }

  private static SplitOpening open(
      Configuration conf, Path dataset, String split, LoaderSettings settings) throws IOException {
    return SplitOpening.open(
        conf,
        dataset,
        split,
        TargetKind.CLASSIFICATION,
        settings.classes(),
        new Pipeline(settings.transforms()));
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
  public B next() throws InterruptedException {
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

  private B nextBatch() throws InterruptedException {
    long deadline = System.nanoTime() + background.timeout().toNanos();
    while (!ended) {
      PendingBatch.Result<B> result = await(deadline);
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

  private PendingBatch.Result<B> await(long deadline) throws InterruptedException {
    if (closed) {
      throw new IllegalStateException("the loader is closed");
    }
    CompletableFuture<PendingBatch.Result<B>> first = feeder.poll(deadline - System.nanoTime());
    try {
      if (first == null) {
        throw new TimeoutException();
      }
      return first.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new InputException(
          "no batch of split \"%s\" within %d s (%s)"
              .formatted(split, background.timeout().toSeconds(), feeder.state()),
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
        if (corrupt.size() > background.maxCorrupt()) {
          throw new InputException(
              "more than %d unreadable samples in split \"%s\", the last is %s: %s"
                  .formatted(background.maxCorrupt(), split, sample.id(), sample.reason()),
              "prepare the data set again, checking pixels, or raise data.max-corrupt");
        }
      }
    }
  }

  private void rejectBatchWithoutSamples(PendingBatch.Result<B> result) {
    if (feeder.isTraining()) {
      throw new InputException(
          "every sample of a batch is unreadable, from " + result.corrupt().get(0).id(),
          "prepare the data set again, checking pixels");
    }
  }

  /** Gives a batch's buffers back; the batch must not be used any more. */
  public void recycle(B batch) {
    maker.recycle(batch);
  }

  @Override
  public void close() {
    closed = true;
    feeder.close();
  }
}
