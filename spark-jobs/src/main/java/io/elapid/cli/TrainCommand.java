package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.job.Sessions;
import io.elapid.job.TrainJob;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network as a recipe says, on as many ranks as it asks for.",
      "An output folder with checkpoints in it is a run to go on with: the newest complete one is where training starts."
    },
    footer = {
      "",
      "Example: elapid --master spark://host:7077 train --recipe efficientvim_m1_imagenet \\",
      "           --data hdfs:///data/imagenet --output hdfs:///runs/m1 --ranks 8"
    })
final class TrainCommand implements Callable<Integer> {
  @Mixin private RecipeOptions recipe;

  @Option(names = "--dry-run", description = "print the resolved recipe and stop")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    Recipe resolved = recipe.load();
    if (dryRun) {
      System.out.println(resolved.render());
      return 0;
    }
    resolved.data().requirePath();
    resolved.requireOutput();
    try (JavaSparkContext spark = Sessions.open("train " + resolved.name())) {
      new TrainJob(spark, resolved, System.out).run();
    }
    return 0;
  }
}
