package io.elapid.worker;

import io.elapid.checkpoint.Fence;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Everything that a rank needs to know to train; shipped to every executor.
 *
 * @param recipe the resolved recipe as text
 * @param hadoop how to reach the file systems
 * @param checkpoints folder that checkpoints are written to
 * @param traces folder that ranks write profiles to
 * @param runId names the run; peers of another run are refused
 * @param attempt counts the barrier stages of this run; peers of an older attempt are refused
 * @param secret key that ranks authenticate each other with, made anew for every attempt
 * @param resume checkpoint to start from, or null for a fresh start
 * @param fence what is checked before a checkpoint gets its name
 */
public record TrainTask(
    String recipe,
    SerializableConfiguration hadoop,
    String checkpoints,
    String traces,
    String runId,
    int attempt,
    byte[] secret,
    String resume,
    Fence fence)
    implements RankBody {

  @Override
  public String run(RankContext context) throws Exception {
    try (TrainRank rank = new TrainRank(this, context)) {
      return rank.train();
    } finally {
      RunEvents.send("ended", "attempt", attempt, "rank", context.rank());
    }
  }

  Recipe parsedRecipe() {
    return RecipeLoader.parse("the recipe of the run", recipe, List.of());
  }

  Configuration configuration() {
    return hadoop.value();
  }
}
