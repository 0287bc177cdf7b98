package io.elapid.notebook;

import io.elapid.config.Recipe;
import io.elapid.job.Session;
import io.elapid.job.TrainJob;
import io.elapid.job.TrainResult;
import io.elapid.observe.EpochPoint;
import io.elapid.observe.MetricsLog;
import io.elapid.observe.RunHistory;
import io.elapid.observe.StepPoint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Training that goes on in the background while paragraphs look at it. */
public final class TrainingRun {
  private final Configuration hadoop;
  private final Recipe recipe;
  private final CompletableFuture<TrainResult> result;

  private TrainingRun(Configuration hadoop, Recipe recipe, CompletableFuture<TrainResult> result) {
    this.hadoop = hadoop;
    this.recipe = recipe;
    this.result = result;
  }

  static TrainingRun start(Session session, Recipe recipe) {
    recipe.requireOutput();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    CompletableFuture<TrainResult> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (session) {
                result.complete(new TrainJob(session, recipe, nowhere).run());
              } catch (Exception | LinkageError e) {
                result.completeExceptionally(e);
              }
            },
            "elapid-training");
    thread.setDaemon(true);
    thread.start();
    return new TrainingRun(session.hadoop(), recipe, result);
  }

  /** Whether it still trains. */
  public boolean running() {
    return !result.isDone();
  }

  /** The folder of the run; checkpoints, metrics and reports are in it. */
  public String folder() {
    return recipe.requireOutput();
  }

  /**
   * Shows curves now and then until training ends, and once more then.
   *
   * @param seconds from one picture to the next
   * @param minutes after which it is not waited any longer
   * @param show draws a picture in the place of the one before
   * @throws IllegalStateException if training fails or takes longer; the cause says why
   */
  public void watch(int seconds, int minutes, Consumer<Display> show) throws IOException {
    long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    while (!done(Duration.ofSeconds(seconds))) {
      show.accept(curves());
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "training still goes on after %d minutes".formatted(minutes));
      }
    }
    show.accept(curves());
  }

  /** Waits for the end, but no longer than that; says whether it has come. */
  private boolean done(Duration patience) {
    try {
      result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("training failed: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while training goes on", e);
    }
  }

  /** Training and validation loss so far. */
  public Display curves() throws IOException {
    RunHistory history = history();
    Plot plot = new Plot("Loss of " + recipe.model().name(), "update", "cross-entropy, nats");
    List<StepPoint> steps = history.steps();
    plot.curve(
        "training",
        steps.stream().mapToDouble(StepPoint::step).toArray(),
        steps.stream().mapToDouble(StepPoint::loss).toArray());
    List<EpochPoint> epochs = history.epochs();
    plot.curve(
        "validation",
        epochs.stream().mapToDouble(EpochPoint::step).toArray(),
        epochs.stream().mapToDouble(EpochPoint::loss).toArray());
    return Display.html(plot.svg());
  }

  /** The same in rows of {@code update}, {@code curve} and {@code loss}. */
  public Display lossTable() throws IOException {
    RunHistory history = history();
    List<List<Object>> rows = new ArrayList<>();
    history.steps().forEach(p -> rows.add(List.of(p.step(), "training", p.loss())));
    history.epochs().forEach(p -> rows.add(List.of(p.step(), "validation", p.loss())));
    return Display.table(List.of("update", "curve", "loss"), rows);
  }

  /** Evaluations in rows of {@code epoch}, {@code measure} and {@code percent}. */
  public Display accuracyTable() throws IOException {
    List<List<Object>> rows = new ArrayList<>();
    for (EpochPoint point : history().epochs()) {
      rows.add(List.of(point.epoch(), "top-1", 100 * point.top1()));
      rows.add(List.of(point.epoch(), "top-5", 100 * point.top5()));
    }
    return Display.table(List.of("epoch", "measure", "percent"), rows);
  }

  /** Loss of the first and the last report of training. */
  public double[] firstAndLastLoss() throws IOException {
    List<StepPoint> steps = history().steps();
    if (steps.isEmpty()) {
      throw new IllegalStateException("nothing has been reported yet");
    }
    return new double[] {steps.get(0).loss(), steps.get(steps.size() - 1).loss()};
  }

  /** Share of validation pictures that the latest evaluation found right; NaN before any. */
  public double top1() throws IOException {
    return history().last().map(EpochPoint::top1).orElse(Double.NaN);
  }

  private RunHistory history() throws IOException {
    return MetricsLog.read(hadoop, new Path(folder()));
  }
}
