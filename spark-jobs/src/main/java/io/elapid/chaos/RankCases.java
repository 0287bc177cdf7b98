package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** Faults of one rank or its connections: the run recovers in the same command, bit for bit. */
final class RankCases {
  private static final Duration BOUND = Duration.ofSeconds(150);
  private static final Duration LONG = Duration.ofSeconds(400);
  private static final String SAME =
      "; started again, final weights bitwise those of the undisturbed run";
  private static final int KILLS = 10;

  private RankCases() {}

  static List<ChaosCase> all() {
    List<ChaosCase> cases = new ArrayList<>();
    cases.add(
        of("kill-forward", "executor lost", "its executor is gone", "kill", "compute", Rank.ANY));
    cases.add(
        of("kill-all-reduce", "executor lost", "its executor is gone", "kill", "sync", Rank.ANY));
    cases.add(
        of(
            "kill-checkpoint",
            "executor lost",
            "its executor is gone",
            "kill",
            "checkpoint",
            Rank.FIRST));
    cases.add(
        of(
            "stop-rank",
            "silent rank found, executor replaced",
            "no sign of life",
            "stop",
            "compute",
            Rank.ANY));
    cases.add(
        of(
            "hang-rank",
            "hung task found, executor replaced",
            "takes longer than cluster.step-timeout",
            "hang",
            "compute",
            Rank.ANY));
    cases.add(of("garbage", "foreign bytes refused", "rank", "garbage", "sync", Rank.FIRST));
    cases.add(
        of("stops-reading", "found by its peers' deadline", "rank", "deaf", "sync", Rank.FIRST));
    cases.add(of("cut-connection", "found at once", "rank", "cut", "sync", Rank.FIRST));
    cases.add(
        new ChaosCase(
            "ten-kills",
            "an executor killed at ten drawn steps of one run" + SAME,
            LONG,
            RankCases::tenKills));
    cases.add(
        new ChaosCase(
            "no-replacement",
            "a machine lost for good: goes on with one rank" + SAME,
            BOUND,
            RankCases::noReplacement));
    cases.add(
        new ChaosCase(
            "rank-counts",
            "1, 2 and 4 ranks, 1 and 3 loader threads: the same weights bit for bit",
            LONG,
            RankCases::rankCounts));
    return cases;
  }

  private enum Rank {
    ANY,
    FIRST
  }

  private static ChaosCase of(
      String name, String expected, String said, String kind, String phase, Rank rank) {
    return new ChaosCase(
        name,
        expected + SAME,
        BOUND,
        (lab, run, random) -> {
          String fault =
              fault(
                  kind,
                  rank == Rank.ANY ? random.nextInt(2) : 0,
                  6 + random.nextInt(25),
                  phase,
                  random);
          try (Program program = lab.train(Lab.TWO_RANKS, run, injecting(fault))) {
            Lab.require(program, program.await(BOUND) == 0, "failed after " + fault);
            Lab.require(
                program,
                program.output().contains("starting again from step"),
                "was not disturbed by " + fault);
            Lab.require(
                program, program.output().contains(said), "does not name the cause: " + said);
          }
          lab.requireSameEnd(run, new Configuration());
        });
  }

  private static String fault(String kind, int rank, int step, String phase, SplitMix random) {
    return String.format(
        Locale.ROOT,
        "%s rank=%d step=%d phase=%s after=%d",
        kind,
        rank,
        step,
        phase,
        random.nextInt(20));
  }

  private static List<String> injecting(String fault) {
    return List.of("--conf", "spark.elapid.fault=" + fault);
  }

  private static void tenKills(Lab lab, String run, SplitMix random) throws Exception {
    String faults =
        IntStream.range(0, KILLS)
            .mapToObj(
                i ->
                    fault(
                        "kill",
                        random.nextInt(2),
                        2 + 3 * i + random.nextInt(4),
                        "compute",
                        random))
            .collect(Collectors.joining(";"));
    try (Program program =
        lab.train(Lab.TWO_RANKS, run, injecting(faults), "cluster.max-failures=20")) {
      Lab.require(program, program.await(LONG) == 0, "failed after " + faults);
      long restarts = program.output().split("starting again from step", -1).length - 1L;
      Lab.require(program, restarts == KILLS, restarts + " restarts instead of " + KILLS);
    }
    lab.requireSameEnd(run, new Configuration());
  }

  private static void noReplacement(Lab lab, String run, SplitMix random) throws Exception {
    try (Cluster cluster = new Cluster(lab.folder().resolve(run + "-cluster"), lab.spark(), 2);
        Program program =
            lab.train(
                cluster.url(),
                run,
                List.of(),
                "cluster.min-ranks=1",
                "cluster.slots-timeout=20s",
                "log.every-steps=1")) {
      Progress.awaitStep(program, run, 5 + random.nextInt(15), BOUND);
      cluster.loseWorker(random.nextInt(2));
      Lab.require(program, program.await(BOUND) == 0, "failed after the loss of a worker");
      Lab.require(
          program,
          program.output().contains("going on with 1 of 2 ranks"),
          "did not go on with one rank");
    }
    lab.requireSameEnd(run, new Configuration());
  }

  private static void rankCounts(Lab lab, String run, SplitMix random) throws Exception {
    for (int ranks : new int[] {1, 2, 4}) {
      int threads = ranks == 2 ? 3 : 1;
      String output = run + "-" + ranks;
      try (Program program =
          lab.train(
              "local-cluster[%d,1,1024]".formatted(ranks),
              output,
              List.of(),
              "cluster.ranks=" + ranks,
              "data.loader-threads=" + threads,
              "data.prefetch=" + (1 + random.nextInt(4)))) {
        Lab.require(program, program.await(LONG) == 0, ranks + " ranks failed");
      }
      lab.requireSameEnd(output, new Configuration());
    }
  }
}
