package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Training by ranks that DL4J averages, without a barrier stage. */
public final class AveragingRun {
  private AveragingRun() {}

  /**
   * Refuses settings of Spark that would spoil such a run.
   *
   * @throws InputException if there are such
   */
  public static void check(SparkConf conf) {
    if (conf.get("spark.serializer", "").contains("Kryo")) {
      throw new InputException(
          "spark.serializer: Kryo corrupts what DL4J sends between driver and executors",
          "leave spark.serializer unset, or set sync.mode to all-reduce or average");
    }
    if (conf.getBoolean("spark.speculation", false)) {
      throw new InputException(
          "spark.speculation: with sync.mode = dl4j Spark would train slow ranks a second time",
          "set spark.speculation to false, or sync.mode to all-reduce or average");
    }
  }

  /**
   * With how many ranks a run goes on where so many task slots are: DL4J counts all ranks alike, so
   * each needs the same number of virtual shards.
   *
   * @throws InputException if that is less than the recipe wants
   */
  public static int even(Recipe recipe, int slots) {
    int even =
        IntStream.iterate(slots, ranks -> ranks - 1)
            .filter(ranks -> recipe.batch().stepShards() % ranks == 0)
            .findFirst()
            .orElseThrow();
    if (even < recipe.cluster().fewestRanks()) {
      throw new InputException(
          "there are %d task slots, of which %d can be used with sync.mode = dl4j: batch.shards x batch.accumulate = %d must be divisible by the number of ranks"
              .formatted(slots, even, recipe.batch().stepShards()),
          "set cluster.min-ranks to %d, or change batch.shards".formatted(even));
    }
    return even;
  }

  /**
   * Trains in one attempt to the end and returns the last evaluation as JSON.
   *
   * @param stop whether the run is to save its state and end
   * @param cancel ends the Spark jobs of the calling thread
   */
  public static String train(
      JavaSparkContext spark, int ranks, TrainTask task, BooleanSupplier stop, Runnable cancel)
      throws Exception {
    try (AveragingLoop run = new AveragingLoop(spark, ranks, task, stop, cancel)) {
      return run.train();
    }
  }
}
