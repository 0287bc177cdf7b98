package io.elapid.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/** Failures that end a run, or an attempt: what its ranks do, and what the user reads. */
final class FailureCases {
  /** What a command ends with whose input is at fault. */
  private static final int BAD_INPUT = 2;

  private FailureCases() {}

  static List<ChaosCase> all() {
    ChaosCase.Bound two = new ChaosCase.Bound(2, RankCases.STOPPED);
    return List.of(
        new ChaosCase(
            "first-cause",
            "one of four ranks fails, deadlines as in base.conf: all stop within 30 s, the driver"
                + " says what that rank said; started again, bitwise",
            new ChaosCase.Bound(3, RankCases.STOPPED),
            FailureCases::firstCause),
        new ChaosCase(
            "out-of-memory",
            "the run ends at once and names the limit to raise",
            two,
            FailureCases::outOfMemory),
        new ChaosCase(
            "not-a-number",
            "the run ends at once and names step, samples and what to change",
            two,
            FailureCases::notANumber));
  }

  private static Recovery firstCause(Trial trial) throws Exception {
    int rank = trial.random().nextInt(4);
    String fault =
        "fail rank=%d step=%d phase=compute after=0"
            .formatted(rank, 3 + trial.random().nextInt(20));
    try (Program program =
        trial
            .lab()
            .train(
                RankCases.injecting(trial, fault),
                "local-cluster[4,1,1024]",
                trial.run(),
                "cluster.ranks=4",
                "cluster.step-timeout=5m",
                "cluster.silence-timeout=30s")) {
      trial.succeeds(program, "failed after " + fault);
      trial.says(program, "train: rank %d on ".formatted(rank));
      RankCases.namesCause(trial, program, "a fault made to order");
    }
    return RankCases.stoppedInTime(trial.sameEnd(), Duration.ZERO);
  }

  private static Recovery outOfMemory(Trial trial) {
    // Room for the JVM and Spark, but not for these tensors.
    String limit =
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=%dm".formatted(700 + trial.random().nextInt(100));
    Launcher small = trial.lab().launcher().executorFlag(limit);
    try (Program program =
        trial
            .lab()
            .train(
                small,
                Lab.TWO_RANKS,
                trial.run(),
                "model.name=efficientvim_m1",
                "model.image-size=224",
                "batch.size=64",
                "batch.shards=2")) {
      trial.fails(
          program, BAD_INPUT, "out of memory", "raise -Dorg.bytedeco.javacpp.maxphysicalbytes");
      RankCases.namesCause(trial, program, "out of memory");
    }
    return Recovery.NONE;
  }

  private static Recovery notANumber(Trial trial) throws IOException {
    try (Program program =
        trial
            .lab()
            .train(
                Lab.TWO_RANKS,
                trial.run(),
                "clip.norm=0",
                "schedule.learning-rate=100",
                // weights become 49 to 99 times as large with every step
                "optimizer.weight-decay=0.%d".formatted(5 + trial.random().nextInt(5)))) {
      trial.fails(program, BAD_INPUT, "samples of the step: ", "lower schedule.learning-rate");
      trial.require(
          program,
          Pattern.compile("rank \\d+ on .* at step \\d+ while .*samples of the step: train/n\\d+")
              .matcher(program.output())
              .find(),
          "does not name step and samples");
    }
    return RunLog.of(trial.run(), new Configuration()).recovery();
  }
}
