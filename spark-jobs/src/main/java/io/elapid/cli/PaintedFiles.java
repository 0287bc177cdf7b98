package io.elapid.cli;

import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import io.elapid.worker.PictureAnswer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/** Writes pictures with predictions drawn over, named after the pictures. */
record PaintedFiles(Path folder) {
  private static final String ENDING = ".jpg";

  /**
   * Looks for what would be in the way, before anything is computed.
   *
   * @param pictures that are asked about, as Hadoop's paths
   * @throws InputException if nothing is drawn for the task, the folder is none, or pictures that
   *     are asked about would be overwritten
   */
  void check(Configuration hadoop, TaskSpec.Type task, List<String> pictures) throws IOException {
    if (task == TaskSpec.Type.CLASSIFICATION) {
      throw new InputException(
          "--out: there is nothing to draw", "leave it out where whole pictures are classified");
    }
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new InputException("--out: %s is a file".formatted(folder), "name a folder");
    }
    for (String picture : pictures) {
      if (picture.endsWith(ENDING) && isWithin(hadoop, picture)) {
        throw new InputException(
            "--out: %s would be drawn over".formatted(picture), "name another folder");
      }
    }
  }

  private boolean isWithin(Configuration hadoop, String picture) throws IOException {
    Optional<File> local = LocalFiles.of(hadoop, new org.apache.hadoop.fs.Path(picture));
    return local.isPresent() && Files.isSameFile(folder, local.get().toPath().getParent());
  }

  /** Writes all; pictures of one name in different folders get numbers. */
  void write(List<PictureAnswer> predictions) throws IOException {
    List<PictureAnswer> painted =
        predictions.stream().filter(prediction -> prediction.painted().length > 0).toList();
    Files.createDirectories(folder);
    Set<String> taken = new HashSet<>();
    for (PictureAnswer prediction : painted) {
      Files.write(folder.resolve(name(prediction.path(), taken)), prediction.painted());
    }
    System.out.printf("predict: %d pictures drawn into %s%n", painted.size(), folder);
  }

  private static String name(String path, Set<String> taken) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int dot = file.lastIndexOf('.');
    String stem = dot > 0 ? file.substring(0, dot) : file;
    String name = stem + ENDING;
    for (int i = 2; !taken.add(name); i++) {
      name = stem + "-" + i + ENDING;
    }
    return name;
  }
}
