package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.Lease;
import io.elapid.checkpoint.LeaseOwner;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.task.classification.ClassificationMetrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;

/** Trains in this process as the only rank of a run: the real rank, without Spark around it. */
record LoneRank(Path folder) {
  private static final Configuration CONF = new Configuration();

  /** Folder of checkpoints, and the last evaluation. */
  record Run(org.apache.hadoop.fs.Path checkpoints, String score) {
    /** Of a classifier. */
    ClassificationMetrics result() {
      return ClassificationMetrics.fromJson(score);
    }
  }

  /** Trains to the end. */
  Run train(String run, Recipe recipe) throws Exception {
    return train(run, recipe, null);
  }

  /** As {@link #train(String, Recipe)}, on from a checkpoint. */
  Run train(String run, Recipe recipe, Checkpoint from) throws Exception {
    TrainTask task = task(run, 0, recipe, from);
    return new Run(
        new org.apache.hadoop.fs.Path(task.checkpoints()), task.run(new LoneContext(() -> false)));
  }

  /** An attempt at a run, on from a checkpoint unless that is null. */
  TrainTask task(String run, int attempt, Recipe recipe, Checkpoint from) throws Exception {
    org.apache.hadoop.fs.Path checkpoints =
        new org.apache.hadoop.fs.Path(folder.resolve(run).resolve("checkpoints").toUri());
    Lease lease =
        Lease.claim(
            CONF,
            new org.apache.hadoop.fs.Path(checkpoints.getParent(), "lease"),
            LeaseOwner.here(run),
            Duration.ZERO,
            message -> {});
    return new TrainTask(
        recipe.render(),
        new SerializableConfiguration(CONF),
        checkpoints.toString(),
        folder.resolve(run).resolve("traces").toString(),
        run,
        attempt,
        new byte[32],
        from == null ? null : from.path().toString(),
        lease.fence());
  }

  /** Checkpoints of a run, newest first. */
  static List<Checkpoint> checkpoints(org.apache.hadoop.fs.Path folder) throws IOException {
    List<Checkpoint> all = new ArrayList<>();
    for (org.apache.hadoop.fs.Path one : new CheckpointStore(CONF, folder).folders()) {
      all.add(CheckpointStore.read(CONF, one));
    }
    return all;
  }

  /** The bits of all weights by name: what runs that are to end alike are compared by. */
  static Map<String, ByteBuffer> bits(Checkpoint checkpoint) {
    return checkpoint.model().values().stream()
        .collect(Collectors.toMap(NamedTensor::name, tensor -> tensor.data().duplicate()));
  }

  /** Answers by that run's weights, at most three for a picture. */
  static PredictTask prediction(Run run, Recipe recipe) {
    return new PredictTask(
        new SerializableConfiguration(CONF),
        run.checkpoints().toString(),
        ModelWeights.Variant.MODEL,
        recipe.model().name(),
        recipe.render(),
        3,
        PredictTask.Drawn.AS_LARGE);
  }

  /** What the shares of an evaluation of that run's weights found, share by share. */
  static List<String> evaluated(Run run, Recipe recipe, String split, int shares) throws Exception {
    return evaluated(evaluation(run, recipe, split, shares, null));
  }

  /** The evaluation of that run's weights, with a folder for what is found. */
  static EvaluateTask evaluation(Run run, Recipe recipe, String split, int shares, String results) {
    return new EvaluateTask(
        new SerializableConfiguration(CONF),
        run.checkpoints().toString(),
        ModelWeights.Variant.MODEL,
        recipe.model().name(),
        recipe.render(),
        recipe.data().requirePath(),
        split,
        shares,
        results);
  }

  /** What its shares found, share by share. */
  static List<String> evaluated(EvaluateTask task) throws Exception {
    List<String> scores = new ArrayList<>();
    for (int share = 0; share < task.shares(); share++) {
      scores.add(task.run(share));
    }
    return scores;
  }

  static Recipe recipe(String text, List<String> overrides) {
    return RecipeLoader.parse("test.conf", text, overrides);
  }
}
