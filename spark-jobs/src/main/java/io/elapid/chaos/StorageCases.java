package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.time.Duration;
import java.util.List;

/** Faults of the file system that checkpoints go to. */
final class StorageCases {
  private static final Duration BOUND = Duration.ofMinutes(4);

  private StorageCases() {}

  static List<ChaosCase> all() {
    return List.of(
        new ChaosCase(
            "full-disk",
            "said with every checkpoint that fails, earlier ones stay; stops after checkpoint.max-failures; with room"
                + " again it goes on, bitwise",
            BOUND,
            StorageCases::full),
        new ChaosCase(
            "datanode-down",
            "checkpoints fail and are told, training goes on; they succeed again with the DataNode, bitwise",
            BOUND,
            StorageCases::down));
  }

  private static String run(HadoopCluster hdfs, String run) {
    return hdfs.uri() + "/runs/" + run.substring(run.lastIndexOf('/') + 1);
  }

  private static void full(Lab lab, String name, SplitMix random) throws Exception {
    try (HadoopCluster hdfs =
        new HadoopCluster(lab.folder().resolve(name + "-hdfs"), lab.hadoop())) {
      String run = run(hdfs, name);
      String checkpoints = run.substring(hdfs.uri().length()) + "/checkpoints";
      int good = 1 + random.nextInt(3);
      try (Program program = lab.train("local[2]", run, List.of(), "checkpoint.max-failures=1")) {
        program.awaitOutput("checkpoint of step %d".formatted(3 * good), BOUND);
        hdfs.spaceQuota(checkpoints, 1);
        int exit = program.await(BOUND);
        Lab.require(program, exit != 0, "went on to the end without saving");
        Lab.require(
            program, program.output().contains("quota"), "does not say that the space is used up");
      }
      hdfs.spaceQuota(checkpoints, -1);
      try (Program again = lab.train("local[2]", run, List.of())) {
        Lab.require(again, again.await(BOUND) == 0, "the second submit failed");
        Lab.require(
            again, again.output().contains("going on from step"), "started from the beginning");
      }
      lab.requireSameEnd(run, hdfs.configuration());
    }
  }

  private static void down(Lab lab, String name, SplitMix random) throws Exception {
    try (HadoopCluster hdfs =
        new HadoopCluster(lab.folder().resolve(name + "-hdfs"), lab.hadoop())) {
      String run = run(hdfs, name);
      try (Program program =
          lab.train(
              "local[2]",
              run,
              List.of(
                  "--conf", "spark.hadoop.dfs.client.block.write.locateFollowingBlock.retries=2"),
              "checkpoint.max-failures=100")) {
        program.awaitOutput("checkpoint of step %d".formatted(3 * (1 + random.nextInt(3))), BOUND);
        hdfs.killDataNode();
        program.awaitOutput("could not be written", BOUND);
        hdfs.startDataNode();
        Lab.require(program, program.await(BOUND) == 0, "the run failed");
      }
      lab.requireSameEnd(run, hdfs.configuration());
    }
  }
}
