package io.elapid.chaos;

import java.time.Duration;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** What a run computes does not depend on the cluster. */
final class BitwiseCases {
  private BitwiseCases() {}

  static List<ChaosCase> all() {
    return List.of(
        new ChaosCase(
            "rank-counts",
            "1, 2 and 4 ranks, 1 to 4 loader threads, 1 to 4 batches ahead: the same weights bit"
                + " for bit",
            new ChaosCase.Bound(6, Duration.ZERO),
            BitwiseCases::rankCounts),
        new ChaosCase(
            "compressed",
            "sync.compression = top-k: killed, then told to end, then submitted again: bitwise as"
                + " undisturbed",
            new ChaosCase.Bound(5, Duration.ofSeconds(30)),
            BitwiseCases::compressed));
  }

  private static Recovery rankCounts(Trial trial) throws Exception {
    Recovery all = Recovery.NONE;
    for (int ranks : new int[] {1, 2, 4}) {
      String output = trial.beside(ranks + "-ranks").toString();
      try (Program program =
          trial
              .lab()
              .train(
                  "local-cluster[%d,1,1024]".formatted(ranks),
                  output,
                  "cluster.ranks=" + ranks,
                  "data.loader-threads=" + (1 + (trial.random().nextInt(2) + ranks) % 4),
                  "data.prefetch=" + (1 + trial.random().nextInt(4)))) {
        trial.succeeds(program, ranks + " ranks failed");
      }
      all = all.and(trial.lab().sameEnd(output, new Configuration()));
    }
    return all;
  }

  private static Recovery compressed(Trial trial) throws Exception {
    String[] keys = {"sync.compression=top-k", "sync.top-k=0.02"};
    String undisturbed = trial.beside("undisturbed").toString();
    try (Program program = trial.lab().train("local[2]", undisturbed, keys)) {
      trial.succeeds(program, "the undisturbed run failed");
    }
    String fault =
        "kill rank=%d step=%d phase=compute after=0"
            .formatted(trial.random().nextInt(2), 6 + trial.random().nextInt(8));
    try (Program program =
        trial.lab().train(RankCases.injecting(trial, fault), Lab.TWO_RANKS, trial.run(), keys)) {
      program.awaitOutput("starting again from step", trial.limit());
      Progress.awaitStep(program, trial.run(), 20 + trial.random().nextInt(10), trial.limit());
      program.signal("TERM");
      trial.fails(program, DriverCases.TERMINATED, "stopped at step");
    }
    try (Program again = trial.lab().train("local[2]", trial.run(), keys)) {
      trial.succeeds(again, "the second submit failed");
    }
    trial.lab().requireSameEnds(undisturbed, trial.run());
    return RunLog.of(trial.run(), new Configuration()).recovery();
  }
}
