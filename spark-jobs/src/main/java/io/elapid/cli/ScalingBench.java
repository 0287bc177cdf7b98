package io.elapid.cli;

import io.elapid.worker.RankTrial;
import io.elapid.worker.RankTrial.Result;
import io.elapid.worker.RankTrial.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Has one rank, several, and as many processes that share nothing take turns with the steps of one
 * global batch.
 */
final class ScalingBench {
  private final RankTrial.Settings settings;
  private final PrintStream out;

  ScalingBench(RankTrial.Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  /**
   * Measures and prints.
   *
   * @param warmUp steps of each before
   * @param runs steps of each on the clock
   */
  void run(int ranks, int warmUp, int runs) throws IOException {
    out.printf(
        "%s, %d x %d pictures of %d x %d a step, one thread a rank, %s; medians of %d steps%n",
        settings.model(),
        settings.shards(),
        settings.samples(),
        settings.imageSize(),
        settings.imageSize(),
        settings.channel() == RankTrial.Channel.TLS ? "TLS" : "clear text",
        runs);
    RankTrial.Settings share = settings.share(ranks);
    Map<Way, RankGroup> several = new EnumMap<>(Way.class);
    try (RankGroup one = RankGroup.start(settings.with(Way.AFTER), 1);
        RankGroup apart = RankGroup.apart(share.with(Way.AFTER), ranks)) {
      for (Way way : Way.values()) {
        several.put(way, RankGroup.start(settings.with(way), ranks));
      }
      List<RankGroup> all = new ArrayList<>(List.of(one, apart));
      all.addAll(several.values());
      for (RankGroup group : all) {
        group.warmUp(warmUp);
      }
      for (int run = 0; run < runs; run++) {
        for (RankGroup group : all) {
          group.turn();
        }
      }
      int pictures = settings.shards() * settings.samples();
      Row alone = new Row("1 rank", pictures, one.turns());
      Row most =
          new Row(
              ranks + " processes that share nothing",
              ranks * share.shards() * share.samples(),
              apart.turns());
      print(alone);
      print(most);
      compare(most, alone, "one");
      several.forEach(
          (way, group) -> {
            Row row =
                new Row("%d ranks, sums %s".formatted(ranks, way.words()), pictures, group.turns());
            print(row);
            compare(row, alone, "one");
            compare(row, most, "processes that share nothing");
          });
    } finally {
      several.values().forEach(RankGroup::close);
    }
  }

  /**
   * What a group has done.
   *
   * @param pictures of a turn
   */
  private record Row(String name, int pictures, List<Result> turns) {
    /** Time for a million pictures, turn by turn. */
    long[] nanos() {
      return turns.stream().mapToLong(turn -> Math.round(turn.step() / pictures * 1e15)).toArray();
    }
  }

  private void compare(Row row, Row other, String name) {
    Ratio faster = Ratio.of(other.nanos(), row.nanos());
    out.printf(
        "  %.2f times as fast as %s (with a confidence of 95 %%: %.2f to %.2f)%n",
        faster.median(), name, faster.low(), faster.high());
  }

  private void print(Row row) {
    List<Result> turns = row.turns();
    double step = median(turns, Result::step);
    double sync = median(turns, Result::sync);
    out.printf(
        "%-34s %7.2f pictures/s, step %.1f ms: compute %.1f, waiting for sums %.1f (%.1f %%), update %.1f; sent %.1f MB a step%n",
        row.name(),
        row.pictures() / step,
        step * 1e3,
        median(turns, Result::compute) * 1e3,
        sync * 1e3,
        100 * sync / step,
        median(turns, Result::update) * 1e3,
        median(turns, Result::sent) / 1e6);
  }

  private static double median(List<Result> turns, ToDoubleFunction<Result> of) {
    return Spread.of(turns.stream().map(of::applyAsDouble).toList()).median();
  }
}
