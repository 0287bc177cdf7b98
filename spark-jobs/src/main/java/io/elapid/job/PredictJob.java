package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.worker.PictureAnswer;
import io.elapid.worker.PredictTask;
import io.elapid.worker.Slots;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** Answers for single pictures: spread over all task slots, or in this process. */
public final class PredictJob {
  private static final Set<String> ENDINGS = Set.of("jpeg", "jpg", "png");

  private final Configuration hadoop;
  private final Executor executor;

  /** Where the work is done. */
  private interface Executor {
    List<PictureAnswer> run(PredictTask task, List<PredictTask.Source> pictures) throws IOException;
  }

  private PredictJob(Configuration hadoop, Executor executor) {
    this.hadoop = hadoop;
    this.executor = executor;
  }

  /** Spreads the work over the slots of an application. */
  public PredictJob(Session session) {
    this(session.hadoop(), (task, pictures) -> spread(session.spark(), task, pictures));
  }

  /** Does the work here, without Spark. */
  public static PredictJob local(Configuration hadoop) {
    return new PredictJob(hadoop, (task, pictures) -> task.run(pictures.iterator()));
  }

  private static List<PictureAnswer> spread(
      JavaSparkContext spark, PredictTask task, List<PredictTask.Source> pictures) {
    int tasks = Math.max(1, Math.min(Slots.settled(spark.sc()), pictures.size()));
    return spark
        .parallelize(pictures, tasks)
        .mapPartitions(sources -> task.run(sources).iterator())
        .collect();
  }

  /**
   * Answers for the pictures in the order of their paths.
   *
   * @param pictures the files
   * @param top how many candidates each picture gets
   */
  public List<PictureAnswer> run(SavedModel model, List<String> pictures, int top)
      throws IOException {
    List<PredictTask.Source> sources =
        pictures.stream().<PredictTask.Source>map(PredictTask.FileSource::new).toList();
    return answers(model, sources, top, PredictTask.Drawn.AS_LARGE).stream()
        .sorted(Comparator.comparing(PictureAnswer::path))
        .toList();
  }

  /** Answers for pictures in any order. */
  List<PictureAnswer> answers(
      SavedModel model, List<PredictTask.Source> pictures, int top, PredictTask.Drawn drawn)
      throws IOException {
    PredictTask task =
        new PredictTask(
            new SerializableConfiguration(hadoop),
            model.source(),
            model.variant(),
            model.meta().model(),
            model.recipe().render(),
            top,
            drawn);
    return executor.run(task, pictures);
  }

  /**
   * The pictures at some paths.
   *
   * @param inputs picture files, and folders that are searched for them
   * @throws InputException when an input does not exist or there are no pictures at all
   */
  public List<String> pictures(List<Path> inputs) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path input : inputs) {
      FileSystem files = input.getFileSystem(hadoop);
      FileStatus status;
      try {
        status = files.getFileStatus(input);
      } catch (FileNotFoundException e) {
        throw new InputException(input + ": does not exist", "check the path", e);
      }
      if (status.isDirectory()) {
        collect(files, input, found);
      } else {
        found.add(status.getPath().toString());
      }
    }
    if (found.isEmpty()) {
      throw new InputException(
          inputs + ": no pictures there (" + String.join(", ", ENDINGS) + ")",
          "name picture files, or folders that hold some");
    }
    return found;
  }

  private static void collect(FileSystem files, Path folder, List<String> found)
      throws IOException {
    FileStatus[] children = files.listStatus(folder);
    Arrays.sort(children);
    for (FileStatus child : children) {
      String name = child.getPath().getName();
      if (name.startsWith(".") || name.startsWith("_")) {
        continue;
      }
      if (child.isDirectory()) {
        collect(files, child.getPath(), found);
      } else if (ENDINGS.contains(ending(name))) {
        found.add(child.getPath().toString());
      }
    }
  }

  private static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
