package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FSError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints while training goes on: {@link #submit} copies the tensors and returns, one
 * thread writes, another deletes old ones. A write that fails leaves the checkpoints before it as
 * they were and does not end the run; several in a row do, and so does one that takes longer than
 * the deadline, since a file system that hangs never comes to an answer of its own.
 *
 * <p>Takes the memory of one copy of all tensors. All methods belong to one thread; the listener is
 * called by the one that writes.
 */
public final class BackgroundCheckpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundCheckpoints.class);

  private final CheckpointStore store;
  private final Settings settings;
  private final Listener listener;
  private final TensorCopies model = new TensorCopies();
  private final TensorCopies ema = new TensorCopies();
  private final TensorCopies state = new TensorCopies();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(body -> daemon(body, "elapid-checkpoint"));
  private final ExecutorService cleaner =
      Executors.newSingleThreadExecutor(body -> daemon(body, "elapid-old-checkpoints"));

  private Future<?> writing;
  // Belongs to the thread that writes, and to the caller's while nothing is written.
  private Future<?> cleaning = CompletableFuture.completedFuture(null);
  private long step;
  private long since;
  private int failures;
  private Throwable lastFailure;

  /**
   * How checkpoints are written.
   *
   * @param retention which ones are kept when another has been written
   * @param timeout longest time for one
   * @param maxFailures how many in a row may fail before {@link #check} does
   */
  public record Settings(Retention retention, Duration timeout, int maxFailures) {}

  /** Is told how each checkpoint went. */
  public interface Listener {
    void written(CheckpointMeta meta, String path, Duration time);

    void failed(CheckpointMeta meta, Exception cause);
  }

  private static Thread daemon(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  public BackgroundCheckpoints(CheckpointStore store, Settings settings, Listener listener) {
    this.store = store;
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Waits until {@link #submit} would not, for others may be waiting for the caller.
   *
   * @param patience longest wait for the one before
   * @return false if that takes longer: the next one is better left out
   */
  public boolean ready(Duration patience) throws InterruptedException {
    if (writing == null) {
      return true;
    }
    try {
      writing.get(Math.min(patience.toNanos(), Math.max(0, left())), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return left() <= 0;
    }
  }

  /**
   * Copies a checkpoint and has it written. Waits for the one before if that is not done.
   *
   * @param averages empty if the run keeps no moving average
   * @throws CheckpointFailedException as {@link #check} does
   */
  public void submit(
      CheckpointMeta meta,
      List<NamedTensor> weights,
      List<NamedTensor> averages,
      List<NamedTensor> rest)
      throws InterruptedException {
    await();
    requireFewFailures();
    List<NamedTensor> modelCopy = model.of(weights);
    List<NamedTensor> emaCopy = ema.of(averages);
    List<NamedTensor> stateCopy = state.of(rest);
    step = meta.step();
    since = System.nanoTime();
    writing =
        thread.submit(
            () -> {
              write(meta, modelCopy, emaCopy, stateCopy);
              return null;
            });
  }

  private void write(
      CheckpointMeta meta,
      List<NamedTensor> weights,
      List<NamedTensor> averages,
      List<NamedTensor> rest)
      throws IOException {
    long start = System.nanoTime();
    try {
      String path = store.write(meta, weights, averages, rest).toString();
      listener.written(meta, path, Duration.ofNanos(System.nanoTime() - start));
    } catch (IOException | RuntimeException e) {
      listener.failed(meta, e);
      throw e;
    }
    retain(meta.step());
  }

  /**
   * On a thread of its own: a file system that cannot read for a while keeps nobody from writing,
   * or from training on. What cannot be deleted now is deleted after a later one.
   */
  private void retain(long newest) {
    cleaning =
        cleaner.submit(
            () -> {
              try {
                store.retain(settings.retention(), newest);
              } catch (IOException | FSError e) {
                LOG.warn("Old checkpoints stay: {}", e.toString());
              }
            });
  }

  /**
   * Looks how the writing goes; cheap.
   *
   * @throws InputException if the run was taken over by someone else
   * @throws CheckpointFailedException if too many have failed in a row, or this one takes too long
   */
  public void check() throws InterruptedException {
    if (writing != null && (writing.isDone() || left() <= 0)) {
      await();
      requireFewFailures();
    }
  }

  /**
   * Waits until everything is written, and old ones are deleted if that can be done in time.
   *
   * @throws CheckpointFailedException if the last one could not be written
   */
  public void finish() throws InterruptedException {
    await();
    if (failures > 0) {
      throw failed("the last checkpoint, of step %d, was not written".formatted(step), lastFailure);
    }
    try {
      cleaning.get(Math.max(0, left()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LOG.warn("Old checkpoints stay: deleting them takes longer than checkpoint.timeout");
    } catch (ExecutionException e) {
      LOG.warn("Old checkpoints stay: {}", String.valueOf(e.getCause()));
    }
  }

  private void await() throws InterruptedException {
    if (writing == null) {
      return;
    }
    try {
      writing.get(Math.max(0, left()), TimeUnit.NANOSECONDS);
      failures = 0;
      writing = null;
    } catch (ExecutionException e) {
      writing = null;
      lastFailure = e.getCause();
      failures++;
      if (lastFailure instanceof InputException fenced) {
        throw fenced;
      }
    } catch (TimeoutException e) {
      writing.cancel(true);
      throw new CheckpointFailedException(
          "writing the checkpoint of step %d took longer than checkpoint.timeout = %d s"
              .formatted(step, settings.timeout().toSeconds()),
          e);
    }
  }

  private long left() {
    return since + settings.timeout().toNanos() - System.nanoTime();
  }

  private void requireFewFailures() {
    if (failures > settings.maxFailures()) {
      throw failed(
          "%d checkpoints in a row could not be written, the last of step %d"
              .formatted(failures, step),
          lastFailure);
    }
  }

  private static CheckpointFailedException failed(String message, Throwable cause) {
    return new CheckpointFailedException(message + ": " + describe(cause), cause);
  }

  private static String describe(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("unknown cause");
  }

  /** Gives up what is not written yet. */
  @Override
  public void close() {
    thread.shutdownNow();
    cleaner.shutdownNow();
  }
}
