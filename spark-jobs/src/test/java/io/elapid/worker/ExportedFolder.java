package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.checkpoint.Existing;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.cli.Elapid;
import io.elapid.job.ExportFormat;
import io.elapid.job.ExportJob;
import io.elapid.job.SavedModel;
import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/** A run's network as a folder that is handed on. */
record ExportedFolder(Path path) {
  private static final Configuration CONF = new Configuration();
  private static final int MANY = 1000;
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  static ExportedFolder of(LoneRank.Run run, Path to, Set<ExportFormat> formats)
      throws IOException {
    new ExportJob(CONF, NOWHERE).run(model(run), request(to, formats));
    return new ExportedFolder(to);
  }

  static SavedModel model(LoneRank.Run run) throws IOException {
    return SavedModel.open(
        CONF, run.checkpoints(), ModelWeights.Variant.MODEL, Optional.empty(), List.of());
  }

  static ExportJob.Request request(Path to, Set<ExportFormat> formats) {
    return new ExportJob.Request(
        new org.apache.hadoop.fs.Path(to.toUri()), formats, Existing.REFUSE);
  }

  JsonNode config() throws IOException {
    return new JsonMapper().readTree(path.resolve("config.json").toFile());
  }

  String card() throws IOException {
    return Files.readString(path.resolve("README.md"));
  }

  /** Asks the folder's network, and the one that it came from by way of the command's task. */
  List<Prediction> sayingWhatPredictSays(PredictTask task, List<byte[]> pictures)
      throws IOException {
    List<PredictTask.BytesSource> sources =
        pictures.stream().map(bytes -> new PredictTask.BytesSource("the picture", bytes)).toList();
    PredictTask all =
        new PredictTask(
            task.hadoop(),
            task.weights(),
            task.variant(),
            task.model(),
            task.recipe(),
            MANY,
            task.drawn());
    List<PictureAnswer> told = all.run(sources.iterator());
    List<Prediction> said = new ArrayList<>();
    try (Predictor predictor = Elapid.load(path.toString())) {
      for (int i = 0; i < told.size(); i++) {
        Prediction prediction = predictor.predict(pictures.get(i));
        assertThat(PictureAnswer.of(prediction, MANY).candidates())
            .isNotEmpty()
            .isEqualTo(told.get(i).candidates());
        said.add(prediction);
      }
    }
    return said;
  }
}
