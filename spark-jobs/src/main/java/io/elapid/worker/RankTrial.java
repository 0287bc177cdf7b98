package io.elapid.worker;

import io.elapid.benchmark.WarmUp;
import io.elapid.collective.Collective;
import io.elapid.collective.FixedTreeAllReduce;
import io.elapid.collective.InProcess;
import io.elapid.collective.PeerSettings;
import io.elapid.collective.Peers;
import io.elapid.collective.TreeSum;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * One rank of a benchmark: the steps of training, on made-up pictures, timed. It meets the others
 * through lines of text: it says {@link #PEER} and where it listens, and reads where all do. Each
 * line after that is a number of steps to do, which it answers with {@link #TURN} and their times;
 * between turns it stands still. It ends where the lines do.
 */
public final class RankTrial {
  public static final String PEER = "PEER ";
  public static final String TURN = "TURN ";

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int CLASSES = 1000;

  /** When gradients are summed. */
  public enum Way {
    AFTER("after the backward pass"),
    EARLY("while it runs");

    private final String words;

    Way(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /** How they travel. */
  public enum Channel {
    CLEAR(PeerSettings.Protection.AUTHENTICATED),
    TLS(PeerSettings.Protection.ENCRYPTED);

    private final PeerSettings.Protection protection;

    Channel(PeerSettings.Protection protection) {
      this.protection = protection;
    }
  }

  /**
   * What is run.
   *
   * @param shards of the global batch, over all ranks
   * @param samples of a shard
   */
  public record Settings(
      String model, int shards, int samples, int imageSize, Way way, Channel channel) {
    /** The same with another moment for sums. */
    public Settings with(Way other) {
      return new Settings(model, shards, samples, imageSize, other, channel);
    }

    /** What the rank with most shards computes, as a run of its own. */
    public Settings share(int ranks) {
      int most = (shards + ranks - 1) / ranks;
      return new Settings(model, most, samples, imageSize, way, channel);
    }
  }

  /**
   * Medians over the steps of a turn, in seconds, and bytes sent per step.
   *
   * @param sync what is waited for the other ranks and for sums when nothing is left to compute
   * @param compiling what the compilers of the JVM took of the turn, beside it, as a share
   */
  public record Result(
      double step, double compute, double sync, double update, double sent, double compiling) {
    /** From the text of {@link #toString()}. */
    public static Result parse(String line) {
      double[] n = Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
      return new Result(n[0], n[1], n[2], n[3], n[4], n[5]);
    }

    /** The one with the longest step. */
    public static Result slowest(List<Result> results) {
      return Collections.max(results, (one, other) -> Double.compare(one.step(), other.step()));
    }

    @Override
    public String toString() {
      return step + " " + compute + " " + sync + " " + update + " " + sent + " " + compiling;
    }
  }

  private final Settings settings;
  private final int rank;
  private final int ranks;

  public RankTrial(Settings settings, int rank, int ranks) {
    this.settings = settings;
    this.rank = rank;
    this.ranks = ranks;
  }

  /** Meets the other ranks over these streams and does the steps that it is told to do. */
  public void run(BufferedReader in, PrintStream out) throws Exception {
    try (Collective collective = ranks == 1 ? InProcess.single() : meet(in, out);
        Trainer<Batch> trainer = trainer()) {
      int length = trainer.vectorLength();
      TreeSum tree = TreeSum.forRank(settings.shards(), rank, ranks, length);
      ByteBuffer sum = floats(length);
      Batch batch = MadeUp.batch(rank, settings.samples(), settings.imageSize(), CLASSES);
      try (EarlySums early = new EarlySums(collective, tree, sum)) {
        Parts parts = new Parts(collective, trainer, tree, sum, early, batch);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          out.println(TURN + turn(parts, Integer.parseInt(line)));
        }
      }
    }
  }

  private Collective meet(BufferedReader in, PrintStream out) {
    PeerSettings peers =
        new PeerSettings(
            "scaling",
            0,
            // No secret: there is nothing to protect, and the sockets are local.
            new byte[32],
            settings.channel().protection,
            "127.0.0.1",
            PeerSettings.PortRange.EPHEMERAL,
            LIMIT,
            LIMIT,
            LIMIT);
    return new FixedTreeAllReduce(Peers.open(peers, line -> exchange(in, out, line), rank, ranks));
  }

  private static List<String> exchange(BufferedReader in, PrintStream out, String line) {
    out.println(PEER + line);
    try {
      return List.of(in.readLine().split(";"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Trainer<Batch> trainer() {
    return new Trainer<>(
        TrainerSettings.classifier(
            Models.byName(settings.model()),
            CLASSES,
            settings.imageSize(),
            settings.samples(),
            1,
            AdamWSettings.published(),
            0,
            0,
            1));
  }

  /** What the steps of all turns share. */
  private record Parts(
      Collective collective,
      Trainer<Batch> trainer,
      TreeSum tree,
      ByteBuffer sum,
      EarlySums early,
      Batch batch) {}

  private Result turn(Parts parts, int steps) throws Exception {
    List<double[]> times = new ArrayList<>();
    double sent = parts.collective().bytesSent();
    WarmUp.Clock clock = new WarmUp.Clock();
    for (int step = 0; step < steps; step++) {
      times.add(step(parts));
    }
    double compiling = clock.compiling();
    sent = (parts.collective().bytesSent() - sent) / steps;
    return new Result(
        median(times, 0), median(times, 1), median(times, 2), median(times, 3), sent, compiling);
  }

  private double[] step(Parts parts) throws Exception {
    Trainer<Batch> trainer = parts.trainer();
    TreeSum tree = parts.tree();
    long start = System.nanoTime();
    tree.reset();
    int last = tree.first() + tree.count() - 1;
    for (int shard = tree.first(); shard < last; shard++) {
      tree.add(shard, trainer.computeShard(parts.batch()));
    }
    long computed;
    if (settings.way() == Way.EARLY) {
      parts.early().begin(last);
      ByteBuffer vector = trainer.computeShard(parts.batch(), parts.early());
      computed = System.nanoTime();
      parts.early().finish(vector);
    } else {
      tree.add(last, trainer.computeShard(parts.batch()));
      computed = System.nanoTime();
      parts.collective().allReduce(tree, parts.sum());
    }
    long summed = System.nanoTime();
    trainer.apply(parts.sum(), settings.shards(), 1e-4);
    long end = System.nanoTime();
    return new double[] {end - start, computed - start, summed - computed, end - summed};
  }

  private static double median(List<double[]> times, int column) {
    double[] sorted = times.stream().mapToDouble(row -> row[column] / 1e9).sorted().toArray();
    return sorted[(sorted.length - 1) / 2];
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }
}
