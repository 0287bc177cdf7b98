package io.elapid.cli;

import io.elapid.benchmark.WarmUp;
import io.elapid.engine.Recomputation;
import io.elapid.engine.StepBench;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What network is run, on what, and how often. */
class StepRunOptions {
  static final int CLASSES = 1000;
  private static final String DEFAULT_MODEL = "efficientvim_m1";

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = DEFAULT_MODEL,
      description = "a network; 'elapid models' lists them (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "pictures of one run (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads of kernels and native operations (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "side of the square pictures in pixels (default: the published one)")
  private Integer imageSize;

  @Option(
      names = "--recompute",
      paramLabel = "WHAT",
      defaultValue = "maps",
      description = {
        "what training computes anew on the way back: maps, which takes the least memory, or nothing, which takes the",
        "least time (default: ${DEFAULT-VALUE})"
      })
  private Recomputation recompute;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "runs before the clock starts (default: until loops are compiled and compilers have left the"
              + " cores)")
  private Integer warmUp;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "20",
      description = "runs on the clock (default: ${DEFAULT-VALUE})")
  private int runs;

  int batch() {
    return Limits.require("--batch", batch, 1, Limits.BATCH);
  }

  int threads() {
    return Limits.require("--threads", threads, 1, Limits.THREADS);
  }

  /** Runs that are asked for before the clock starts; if none are, as many as compilers take. */
  OptionalInt warmUp() {
    return warmUp == null
        ? OptionalInt.empty()
        : OptionalInt.of(Limits.require("--warm-up", warmUp, 0, Limits.RUNS));
  }

  /** Warms up, and says after how much of it. */
  String warmUp(Runnable run) {
    OptionalInt asked = warmUp();
    if (asked.isEmpty()) {
      return compiledAfter(WarmUp.untilCompiled(run));
    }
    for (int i = 0; i < asked.getAsInt(); i++) {
      run.run();
    }
    return "warmed up by " + asked.getAsInt();
  }

  /** In words, without what ran. */
  static String compiledAfter(OptionalInt runs) {
    return runs.isPresent()
        ? "compiled after " + runs.getAsInt()
        : "still compiling, measured all the same, after " + WarmUp.MOST;
  }

  int runs() {
    return Limits.require("--runs", runs, 1, Limits.RUNS);
  }

  /** What to run for the network asked for. */
  StepBench.Settings settings() {
    return settings(Models.byName(model));
  }

  /** What to run for a network. */
  StepBench.Settings settings(Backbone network) {
    int side = imageSize == null ? network.imageSize() : imageSize;
    Limits.require("--image-size", side, Limits.MIN_SIDE, Limits.MAX_SIDE);
    return new StepBench.Settings(network, CLASSES, side, batch(), recompute, threads());
  }
}
