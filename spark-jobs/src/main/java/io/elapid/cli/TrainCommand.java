package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.job.ReportJob;
import io.elapid.job.SavedModel;
import io.elapid.job.Session;
import io.elapid.job.TrainJob;
import io.elapid.job.TrainResult;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network as a recipe says, on as many ranks as it asks for.",
      "An output folder with checkpoints in it is a run to go on with: the newest complete one is"
          + " where training starts.",
      "Ranks that fail are started again from there, with as many as there are slots"
          + " (cluster.min-ranks). One driver at",
      "a time writes into an output folder. SIGTERM saves a checkpoint and ends the run with exit"
          + " code 143."
    },
    footer = {
      "",
      "Example: elapid --master spark://host:7077 train \\",
      "           --recipe efficientvim_m1_imagenet --data hdfs:///data/imagenet \\",
      "           --output hdfs:///runs/m1 --ranks 8"
    },
    exitCodeList = {
      "0:trained to the end",
      "1:the run was given up",
      "2:the command or its input is wrong",
      "143:told to end (SIGTERM); the state is saved, and the same command goes on from there"
    })
final class TrainCommand implements Callable<Integer> {
  @Mixin private RecipeOptions recipe;

  @Option(names = "--dry-run", description = "print the resolved recipe and stop")
  private boolean dryRun;

  @Option(
      names = "--profile",
      paramLabel = "STEPS",
      arity = "0..1",
      fallbackValue = "3",
      description = {
        "times that many steps (3 without a number) operation by operation: trace.json in the"
            + " output folder, for",
        "chrome://tracing or https://ui.perfetto.dev, and a table in the report; short for -D"
            + " log.profile-steps=STEPS"
      })
  private Integer profile;

  @Override
  public Integer call() throws Exception {
    List<String> more = profile == null ? List.of() : List.of("log.profile-steps=" + profile);
    Recipe resolved = recipe.load(more);
    if (dryRun) {
      System.out.println(resolved.render());
      return 0;
    }
    resolved.data().requirePath();
    resolved.requireOutput();
    try (Session session = Session.open("train " + resolved.name())) {
      TrainResult result = new TrainJob(session, resolved, System.out).run();
      SavedModel model =
          SavedModel.open(
              session.hadoop(),
              result.checkpoint(),
              resolved.evaluation().weights().variant(),
              Optional.empty(),
              List.of());
      Path report = new ReportJob(session).write(result.folder(), model, result.score(), resolved);
      System.out.printf("train: done%n  model:  %s%n  report: %s%n", result.checkpoint(), report);
      if (resolved.log().profileSteps() > 0) {
        System.out.printf("  trace:  %s%n", result.folder().trace());
      }
    }
    return 0;
  }
}
