package io.elapid.cli;

import io.elapid.worker.RankTrial;
import io.elapid.worker.RankTrial.Result;
import io.elapid.worker.RankTrial.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
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
   * @param warmUp steps of each before; where absent, as many as compilers take
   * @param runs turns of each on the clock
   * @param steps of a turn, in a row as in training: the first after a rest is slower
   */
  void run(int ranks, OptionalInt warmUp, int runs, int steps) throws IOException {
    out.printf(
        "%s, %d x %d pictures of %d x %d a step, one thread a rank, %s; medians of %d turns of %d steps%n",
        settings.model(),
        settings.shards(),
        settings.samples(),
        settings.imageSize(),
        settings.imageSize(),
        settings.channel() == RankTrial.Channel.TLS ? "TLS" : "clear text",
        runs,
        steps);
    RankTrial.Settings share = settings.share(ranks);
    List<RankGroup> together = new ArrayList<>();
    try (RankGroup one = RankGroup.start("1 rank", settings.with(Way.AFTER), 1);
        RankGroup apart =
            RankGroup.apart(
                ranks + " processes that share nothing", share.with(Way.AFTER), ranks)) {
      for (Way way : Way.values()) {
        String name = "%d ranks, sums %s".formatted(ranks, way.words());
        together.add(RankGroup.start(name, settings.with(way), ranks));
      }
      List<RankGroup> all = new ArrayList<>(List.of(one, apart));
      all.addAll(together);
      for (RankGroup group : all) {
        warmUp(group, warmUp);
      }
      for (int run = 0; run < runs; run++) {
        for (RankGroup group : all) {
          group.turn(steps);
        }
      }
      int pictures = settings.shards() * settings.samples();
      Row alone = new Row(one, pictures);
      Row most = new Row(apart, ranks * share.shards() * share.samples());
      print(alone);
      print(most);
      compare(most, alone, "one");
      for (RankGroup group : together) {
        Row row = new Row(group, pictures);
        print(row);
        compare(row, alone, "one");
        compare(row, most, "processes that share nothing");
      }
    } finally {
      together.forEach(RankGroup::close);
    }
  }

  private void warmUp(RankGroup group, OptionalInt steps) throws IOException {
    if (steps.isPresent()) {
      group.warmUp(steps.getAsInt());
      return;
    }
    OptionalInt taken = group.warmUpUntilCompiled();
    out.printf("%-38s %s steps%n", group.name(), StepRunOptions.compiledAfter(taken));
  }

  /**
   * What a group has done.
   *
   * @param pictures of a step
   */
  private record Row(RankGroup group, int pictures) {
    /** Time for a million pictures, turn by turn. */
    long[] nanos() {
      return group.turns().stream()
          .mapToLong(turn -> Math.round(turn.step() / pictures * 1e15))
          .toArray();
    }
  }

  private void compare(Row row, Row other, String name) {
    Ratio faster = Ratio.of(other.nanos(), row.nanos());
    out.printf(
        "  %.2f times as fast as %s (with a confidence of 95 %%: %.2f to %.2f)%n",
        faster.median(), name, faster.low(), faster.high());
  }

  private void print(Row row) {
    List<Result> turns = row.group().turns();
    double step = median(turns, Result::step);
    double sync = median(turns, Result::sync);
    out.printf(
        "%-38s %7.2f pictures/s, step %.1f ms: compute %.1f, waiting for sums %.1f (%.1f %%), update %.1f; sent %.1f MB a step%n",
        row.group().name(),
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
