package io.elapid.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.job.PredictJob;
import io.elapid.job.SavedModel;
import io.elapid.job.Session;
import io.elapid.worker.PictureAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Answers for pictures: one line each, the likeliest classes first, those with the most"
          + " pixels, or the surest objects.",
      "With --out, what was found is drawn over them.",
      "Runs in this process; given options for spark-submit, on a cluster."
    },
    footer = {
      "",
      "Examples: elapid predict --weights runs/m1 holiday-pictures/ cat.jpg",
      "          elapid predict --model efficientvim_m1 --weights m1.pth cat.jpg"
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private WeightOptions weights;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "classes or objects per picture (default: ${DEFAULT-VALUE})")
  private int top;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "writes the answers to a local file too, a line of JSON per picture; of objects where"
              + " they are")
  private java.nio.file.Path json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "local folder for pictures with what was found drawn over")
  private java.nio.file.Path out;

  @Option(
      names = "--dry-run",
      description = "checks the weights and counts the pictures, says what would be done")
  private boolean dryRun;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGES",
      description = "picture files or folders of them, any Hadoop paths")
  private List<String> images;

  @Override
  public Integer call() throws Exception {
    Limits.require("--top", top, 1, Limits.ANSWERS);
    if (dryRun) {
      Configuration hadoop = new Configuration();
      return weights.use(hadoop, model -> plan(hadoop, model));
    }
    if (!Session.submitted()) {
      Configuration hadoop = new Configuration();
      weights.useAllCores();
      return print(predictions(PredictJob.local(hadoop), hadoop));
    }
    try (Session session = Session.open("predict")) {
      return print(predictions(new PredictJob(session), session.hadoop()));
    }
  }

  private int plan(Configuration hadoop, SavedModel model) throws IOException {
    int pictures = pictures(PredictJob.local(hadoop), model, hadoop).size();
    System.out.printf(
        Locale.ROOT,
        "predict: would ask %s (%s, %,d classes) about %,d pictures%n",
        model.source(),
        model.meta().model(),
        model.meta().classes(),
        pictures);
    return 0;
  }

  private List<Path> paths() {
    return images.stream().map(Path::new).toList();
  }

  private List<PictureAnswer> predictions(PredictJob job, Configuration hadoop) throws Exception {
    return weights.use(hadoop, model -> job.run(model, pictures(job, model, hadoop), top));
  }

  /** Those that are asked about, once nothing is in the way of what is written about them. */
  private List<String> pictures(PredictJob job, SavedModel model, Configuration hadoop)
      throws IOException {
    List<String> pictures = job.pictures(paths());
    if (out != null) {
      new PaintedFiles(out).check(hadoop, model.recipe().task().type(), pictures);
    }
    if (json != null) {
      ResultFile.check(json);
    }
    return pictures;
  }

  private int print(List<PictureAnswer> predictions) throws IOException {
    if (out != null) {
      new PaintedFiles(out).write(predictions);
    }
    long unreadable = predictions.stream().filter(p -> p.problem() != null).count();
    predictions.forEach(prediction -> System.out.println(line(prediction)));
    if (json != null) {
      JsonMapper mapper = new JsonMapper();
      StringBuilder lines = new StringBuilder();
      for (PictureAnswer prediction : predictions) {
        lines.append(mapper.writeValueAsString(prediction)).append('\n');
      }
      Files.createDirectories(json.toAbsolutePath().getParent());
      Files.writeString(json, lines, StandardCharsets.UTF_8);
    }
    if (unreadable > 0) {
      System.err.printf(
          "predict: %d of %d pictures could not be read%n", unreadable, predictions.size());
    }
    return unreadable == predictions.size() ? FailureReport.BAD_INPUT : 0;
  }

  private static String line(PictureAnswer prediction) {
    if (prediction.problem() != null) {
      return prediction.path() + ": unreadable: " + prediction.problem();
    }
    if (prediction.candidates().isEmpty()) {
      return prediction.path() + ": nothing found";
    }
    return prediction.path()
        + ": "
        + prediction.candidates().stream()
            .map(c -> String.format(Locale.ROOT, "%s %.1f %%", c.name(), 100 * c.probability()))
            .collect(Collectors.joining(", "));
  }
}
