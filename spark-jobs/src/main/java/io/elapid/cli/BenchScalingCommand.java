package io.elapid.cli;

import io.elapid.worker.RankTrial;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description = {
      "Times training steps of one global batch on one rank and on several, one thread and one process each, on made-up",
      "pictures: how much faster several ranks are, and what share of a step they spend on their sums. One rank and",
      "several take turns, a few steps each, so that whatever else the machine does meets both. As many processes that",
      "share nothing, each with the work of a rank, show what the machine has to give."
    },
    footer = {"", "Example: elapid bench scaling --model efficientvim_m1 --ranks 2"})
final class BenchScalingCommand implements Callable<Integer> {
  private static final int MAX_RANKS = 64;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "efficientvim_m1",
      description = "a network; 'elapid models' lists them (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      defaultValue = "2",
      description = "ranks to compare with one (default: ${DEFAULT-VALUE})")
  private int ranks;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "8",
      description = "virtual shards of the global batch (default: ${DEFAULT-VALUE})")
  private int shards;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "8",
      description = "pictures of a shard (default: ${DEFAULT-VALUE})")
  private int samples;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      defaultValue = "224",
      description = "side of the square pictures in pixels (default: ${DEFAULT-VALUE})")
  private int imageSize;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "10",
      description = "turns of each on the clock (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "steps of a turn, in a row as in training; their median counts (default: ${DEFAULT-VALUE})")
  private int steps;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "steps of each before (default: until loops are compiled and compilers have left the cores)")
  private Integer warmUp;

  @Option(names = "--as-rank", hidden = true, description = "what the processes of a run are told")
  private Integer asRank;

  @Option(names = "--way", hidden = true, defaultValue = "early")
  private RankTrial.Way way;

  @Option(names = "--encrypt", description = "sums go through TLS")
  private boolean encrypt;

  @Override
  public Integer call() throws Exception {
    Limits.require("--ranks", ranks, 1, MAX_RANKS);
    Limits.require("--shards", shards, ranks, Limits.BATCH);
    Limits.require("--samples", samples, 1, Limits.BATCH);
    Limits.require("--image-size", imageSize, Limits.MIN_SIDE, Limits.MAX_SIDE);
    Limits.require("--runs", runs, 1, Limits.RUNS);
    Limits.require("--steps", steps, 1, Limits.RUNS);
    OptionalInt before =
        warmUp == null
            ? OptionalInt.empty()
            : OptionalInt.of(Limits.require("--warm-up", warmUp, 0, Limits.RUNS));
    RankTrial.Settings settings =
        new RankTrial.Settings(model, shards, samples, imageSize, way, protection());
    if (asRank == null) {
      new ScalingBench(settings, System.out).run(ranks, before, runs, steps);
    } else {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      new RankTrial(settings, asRank, ranks).run(in, System.out);
    }
    return 0;
  }

  private RankTrial.Channel protection() {
    return encrypt ? RankTrial.Channel.TLS : RankTrial.Channel.CLEAR;
  }
}
