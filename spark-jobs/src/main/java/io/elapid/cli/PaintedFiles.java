package io.elapid.cli;

import io.elapid.data.InputException;
import io.elapid.worker.PictureAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes pictures with predictions drawn over, named after the pictures. */
record PaintedFiles(Path folder) {

  /** Writes all; pictures of one name in different folders get numbers. */
  void write(List<PictureAnswer> predictions) throws IOException {
    List<PictureAnswer> painted =
        predictions.stream().filter(prediction -> prediction.painted().length > 0).toList();
    if (painted.isEmpty()) {
      throw new InputException(
          "--out: there is nothing to draw", "leave it out where whole pictures are classified");
    }
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
    String name = stem + ".jpg";
    for (int i = 2; !taken.add(name); i++) {
      name = stem + "-" + i + ".jpg";
    }
    return name;
  }
}
