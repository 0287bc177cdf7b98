package io.elapid.cli;

import io.elapid.worker.RankTrial;
import io.elapid.worker.RankTrial.Result;
import io.elapid.worker.RankTrial.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Has one rank and several take turns with the steps of one global batch. */
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
    Map<Way, RankGroup> several = new EnumMap<>(Way.class);
    try (RankGroup one = RankGroup.start(settings.with(Way.AFTER), 1)) {
      for (Way way : Way.values()) {
        several.put(way, RankGroup.start(settings.with(way), ranks));
      }
      one.warmUp(warmUp);
      for (RankGroup group : several.values()) {
        group.warmUp(warmUp);
      }
      turns(one, several.values(), runs);
      print("1 rank", one.turns());
      several.forEach((way, group) -> print(ranks, way, group.turns(), one.turns()));
    } finally {
      several.values().forEach(RankGroup::close);
    }
  }

  private static void turns(RankGroup one, Collection<RankGroup> several, int runs)
      throws IOException {
    for (int run = 0; run < runs; run++) {
      one.turn();
      for (RankGroup group : several) {
        group.turn();
      }
    }
  }

  private void print(int ranks, Way way, List<Result> turns, List<Result> one) {
    print("%d ranks, sums %s".formatted(ranks, way.words()), turns);
    Ratio faster = Ratio.of(nanos(one), nanos(turns));
    out.printf(
        "  %.2f times as fast as one (with a confidence of 95 %%: %.2f to %.2f)%n",
        faster.median(), faster.low(), faster.high());
  }

  private void print(String name, List<Result> turns) {
    double step = median(turns, Result::step);
    double sync = median(turns, Result::sync);
    out.printf(
        "%-34s %7.2f pictures/s, step %.1f ms: compute %.1f, waiting for sums %.1f (%.1f %%), update %.1f; sent %.1f MB a step%n",
        name,
        settings.shards() * settings.samples() / step,
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

  private static long[] nanos(List<Result> turns) {
    return turns.stream().mapToLong(turn -> Math.round(turn.step() * 1e9)).toArray();
  }
}
