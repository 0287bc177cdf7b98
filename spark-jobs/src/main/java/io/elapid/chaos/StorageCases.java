package io.elapid.chaos;

import java.time.Duration;
import java.util.List;

/** Faults of the file system that checkpoints go to. */
final class StorageCases {
  private static final ChaosCase.Bound BOUND = new ChaosCase.Bound(3, Duration.ofSeconds(60));
  private static final String LEFT_OUT = "is still being written";
  private static final int LEFT_OUT_TIMES = 3;

  private StorageCases() {}

  static List<ChaosCase> all() {
    return List.of(
        new ChaosCase(
            "full-disk",
            "said with every checkpoint that fails, earlier ones stay; stops after"
                + " checkpoint.max-failures; with room again it goes on, bitwise",
            BOUND,
            StorageCases::full),
        new ChaosCase(
            "datanode-down",
            "checkpoints fail and are told, training goes on; they succeed again with the DataNode,"
                + " bitwise",
            BOUND,
            StorageCases::down),
        new ChaosCase(
            "datanode-stands-still",
            "for longer than ranks wait for one another: checkpoints are left out, no rank fails, bitwise"
                + " as undisturbed",
            new ChaosCase.Bound(3, Duration.ofMinutes(2)),
            StorageCases::stalled),
        new ChaosCase(
            "restart-without-datanode",
            "a rank fails while the DataNode is down: the driver asks for the newest checkpoint until it"
                + " can be read again, and goes on from it, bitwise",
            new ChaosCase.Bound(3, Duration.ofMinutes(2)),
            StorageCases::restart));
  }

  private static HadoopCluster hdfs(Trial trial) throws Exception {
    return new HadoopCluster(trial.beside("hdfs"), trial.lab().launcher().hadoop());
  }

  private static void awaitCheckpoint(Trial trial, Program program) {
    int step = Lab.CHECKPOINT_STEPS * (1 + trial.random().nextInt(3));
    program.awaitOutput("checkpoint of step %d written".formatted(step), trial.limit());
  }

  private static Recovery full(Trial trial) throws Exception {
    try (HadoopCluster hdfs = hdfs(trial)) {
      String run = hdfs.uri() + "/run";
      try (Program program = trial.lab().train("local[2]", run, "checkpoint.max-failures=1")) {
        awaitCheckpoint(trial, program);
        hdfs.spaceQuota("/run/checkpoints", 1);
        int exit = program.await(trial.limit());
        trial.require(program, exit != 0, "went on to the end without saving");
        trial.says(program, "could not be written");
        trial.says(program, "quota");
      }
      hdfs.spaceQuota("/run/checkpoints", -1);
      try (Program again = trial.lab().train("local[2]", run)) {
        trial.succeeds(again, "the second submit failed");
        trial.says(again, "going on from step");
      }
      trial.lab().requireSameEnd(run, hdfs.configuration());
      return RunLog.of(run, hdfs.configuration()).recovery();
    }
  }

  private static Recovery down(Trial trial) throws Exception {
    try (HadoopCluster hdfs = hdfs(trial)) {
      String run = hdfs.uri() + "/run";
      Launcher launcher = impatient(trial.lab().launcher());
      try (Program program =
          trial.lab().train(launcher, "local[2]", run, "checkpoint.max-failures=100")) {
        awaitCheckpoint(trial, program);
        hdfs.killDataNode();
        program.awaitOutput("could not be written", trial.limit());
        hdfs.startDataNode();
        trial.succeeds(program, "the run failed");
      }
      trial.lab().requireSameEnd(run, hdfs.configuration());
      return RunLog.of(run, hdfs.configuration()).recovery();
    }
  }

  private static Recovery stalled(Trial trial) throws Exception {
    try (HadoopCluster hdfs = hdfs(trial)) {
      String run = hdfs.uri() + "/run";
      try (Program program = trial.lab().train("local[2]", run)) {
        awaitCheckpoint(trial, program);
        hdfs.pauseDataNode();
        // one for each half of the longest wait, so that these are more than all of it
        program.awaitOutput(LEFT_OUT, LEFT_OUT_TIMES, trial.limit());
        hdfs.resumeDataNode();
        trial.succeeds(program, "the run failed");
      }
      trial.lab().requireSameEnd(run, hdfs.configuration());
      Recovery recovery = RunLog.of(run, hdfs.configuration()).recovery();
      if (recovery.starts() != 1) {
        throw new ChaosFailure("%d starts instead of one".formatted(recovery.starts()));
      }
      return recovery;
    }
  }

  private static Recovery restart(Trial trial) throws Exception {
    try (HadoopCluster hdfs = hdfs(trial)) {
      String run = hdfs.uri() + "/run";
      int step = 20 + trial.random().nextInt(10);
      String fault = "fail rank=1 step=%d phase=compute after=0".formatted(step);
      Launcher launcher = impatient(RankCases.injecting(trial, fault));
      try (Program program =
          trial.lab().train(launcher, "local[2]", run, "checkpoint.max-failures=100")) {
        awaitCheckpoint(trial, program);
        hdfs.killDataNode();
        program.awaitOutput("cannot be read now", trial.limit());
        hdfs.startDataNode();
        trial.succeeds(program, "the run failed");
      }
      trial.lab().requireSameEnd(run, hdfs.configuration());
      return RunLog.of(run, hdfs.configuration()).recovery();
    }
  }

  private static Launcher impatient(Launcher launcher) {
    return launcher.submit(
        "--conf", "spark.hadoop.dfs.client.block.write.locateFollowingBlock.retries=2");
  }
}
