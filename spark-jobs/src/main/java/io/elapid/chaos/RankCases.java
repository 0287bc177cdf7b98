package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Faults of one rank or its connections: the run recovers in the same command, bit for bit. */
final class RankCases {
  private static final String SAME =
      "; started again, final weights bitwise those of the undisturbed run";
  private static final int KILLS = 10;

  /** In which every rank must have stopped once a fault has been found. */
  static final Duration STOPPED = Duration.ofSeconds(30);

  private RankCases() {}

  static List<ChaosCase> all() {
    String gone = "its executor is gone";
    List<ChaosCase> cases = new ArrayList<>();
    cases.add(
        new Hit("kill-forward", "kill", "compute", Victim.ANY)
            .expect("executor lost", gone, lab -> Duration.ZERO));
    cases.add(
        new Hit("kill-all-reduce", "kill", "sync", Victim.ANY)
            .expect("executor lost", gone, lab -> Duration.ZERO));
    cases.add(
        new Hit("kill-checkpoint", "kill", "checkpoint", Victim.FIRST)
            .expect("executor lost while it writes", gone, lab -> Duration.ZERO));
    cases.add(
        new Hit("stop-rank", "stop", "compute", Victim.ANY)
            .expect(
                "silent rank found, executor replaced", "no sign of life", Lab::silenceTimeout));
    cases.add(
        new Hit("hang-rank", "hang", "compute", Victim.ANY)
            .expect(
                "hung task found, executor replaced",
                "takes longer than cluster.step-timeout",
                Lab::stepTimeout));
    cases.add(
        new Hit("garbage", "garbage", "sync", Victim.FIRST)
            .expect("foreign bytes refused", "sent bytes that are no frame", lab -> Duration.ZERO));
    cases.add(
        new Hit("stops-reading", "deaf", "sync", Victim.FIRST)
            .expect("found by its peers' deadline", "did not send what was due", Lab::stepTimeout));
    cases.add(
        new Hit("cut-connection", "cut", "sync", Victim.FIRST)
            .expect("found at once", "closed the connection", lab -> Duration.ZERO));
    cases.add(
        new ChaosCase(
            "no-replacement",
            "a machine lost for good: goes on with one rank" + SAME,
            new ChaosCase.Bound(3, STOPPED),
            RankCases::noReplacement));
    cases.add(
        new ChaosCase(
            "ten-kills",
            "an executor killed at ten drawn steps of one run" + SAME,
            new ChaosCase.Bound(KILLS + 1, Duration.ZERO),
            RankCases::tenKills));
    return cases;
  }

  private enum Victim {
    ANY,
    FIRST
  }

  /** One fault at a drawn moment. */
  private record Hit(String name, String kind, String phase, Victim victim) {

    /**
     * The case.
     *
     * @param said what the driver must say of the cause
     * @param deadline that the fault has to run into before anyone can know of it
     */
    ChaosCase expect(String expected, String said, Function<Lab, Duration> deadline) {
      return new ChaosCase(
          name,
          expected + SAME,
          new ChaosCase.Bound(2, STOPPED),
          trial -> run(trial, said, deadline.apply(trial.lab())));
    }

    private Recovery run(Trial trial, String said, Duration deadline) throws Exception {
      int rank = victim == Victim.ANY ? trial.random().nextInt(2) : 0;
      String fault = fault(kind, rank, 6 + trial.random().nextInt(25), phase, trial.random());
      try (Program program =
          trial.lab().train(injecting(trial, fault), Lab.TWO_RANKS, trial.run())) {
        trial.succeeds(program, "failed after " + fault);
        trial.says(program, "starting again from step");
        namesCause(trial, program, said);
      }
      return stoppedInTime(trial.sameEnd(), deadline);
    }
  }

  /** The driver must say which rank it was, where, at what, and what was wrong with it. */
  static void namesCause(Trial trial, Program program, String said) {
    Pattern line =
        Pattern.compile(
            "rank \\d+ on \\S+ \\(executor \\S+\\) at step \\d+ while [\\w ]+: .*"
                + Pattern.quote(said));
    trial.require(
        program,
        line.matcher(program.output()).find(),
        "does not name rank, place and cause: " + said);
  }

  /** What was found must have stopped everyone soon. */
  static Recovery stoppedInTime(Recovery recovery, Duration deadline) {
    if (recovery.stopping().isZero()) {
      throw new ChaosFailure("no rank has met the fault");
    }
    if (recovery.stopping().compareTo(STOPPED.plus(deadline)) > 0) {
      throw new ChaosFailure(
          "ranks stopped only %d s after the fault".formatted(recovery.stopping().toSeconds()));
    }
    return recovery;
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

  /** A launcher whose runs meet faults, one in each attempt. */
  static Launcher injecting(Trial trial, String faults) {
    return trial.lab().launcher().submit("--conf", "spark.elapid.fault=" + faults);
  }

  private static Recovery tenKills(Trial trial) throws Exception {
    String faults =
        IntStream.range(0, KILLS)
            .mapToObj(
                i ->
                    fault(
                        "kill",
                        trial.random().nextInt(2),
                        2 + 3 * i + trial.random().nextInt(4),
                        "compute",
                        trial.random()))
            .collect(Collectors.joining(";"));
    try (Program program =
        trial
            .lab()
            .train(
                injecting(trial, faults), Lab.TWO_RANKS, trial.run(), "cluster.max-failures=20")) {
      trial.succeeds(program, "failed after " + faults);
    }
    Recovery recovery = stoppedInTime(trial.sameEnd(), Duration.ZERO);
    if (recovery.starts() != KILLS + 1) {
      throw new ChaosFailure("%d starts instead of %d".formatted(recovery.starts(), KILLS + 1));
    }
    return recovery;
  }

  private static Recovery noReplacement(Trial trial) throws Exception {
    try (Cluster cluster = new Cluster(trial.beside("cluster"), trial.lab().launcher().spark(), 2);
        Program program =
            trial
                .lab()
                .train(
                    cluster.url(),
                    trial.run(),
                    "cluster.min-ranks=1",
                    "cluster.slots-timeout=%ds".formatted(trial.lab().calm().toSeconds()))) {
      Progress.awaitStep(program, trial.run(), 5 + trial.random().nextInt(15), trial.limit());
      cluster.loseWorker(trial.random().nextInt(2));
      trial.succeeds(program, "failed after the loss of a worker");
      trial.says(program, "going on with 1 of 2 ranks");
    }
    return trial.sameEnd();
  }
}
