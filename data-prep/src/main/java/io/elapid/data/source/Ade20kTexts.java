package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The text files that lie beside ADE20K's pictures. */
final class Ade20kTexts {
  private static final Logger LOG = LoggerFactory.getLogger(Ade20kTexts.class);
  private static final String OBJECTS = "objectInfo150.txt";
  private static final String SCENES = "sceneCategories.txt";
  private static final int CLASSES = 150;
  private static final int NAME = 5;

  private Ade20kTexts() {}

  /** Class names by label value; the values themselves where the file is missing. */
  static List<ClassLabel> classes(Configuration conf, Path root) throws IOException {
    Optional<List<String>> lines = lines(conf, new Path(root, OBJECTS));
    List<ClassLabel> classes = new ArrayList<>();
    if (lines.isEmpty()) {
      LOG.warn("{} is missing: classes go without names", new Path(root, OBJECTS));
      for (int value = 1; value <= CLASSES; value++) {
        classes.add(new ClassLabel(value - 1, Integer.toString(value), Integer.toString(value)));
      }
      return classes;
    }
    // The first line names the columns: Idx Ratio Train Val Stuff Name.
    for (String line : lines.get().subList(Math.min(1, lines.get().size()), lines.get().size())) {
      String[] cells = line.split("\t", -1);
      String value = Integer.toString(classes.size() + 1);
      if (cells.length <= NAME || !cells[0].strip().equals(value)) {
        throw new InputException(
            "%s, line %d: expected class %s with its name in column %d"
                .formatted(new Path(root, OBJECTS), classes.size() + 2, value, NAME + 1),
            "take the file of the original data set, or none");
      }
      classes.add(new ClassLabel(classes.size(), value, cells[NAME].strip()));
    }
    if (classes.isEmpty() || classes.size() > 254) {
      throw new InputException(
          "%s has %d classes".formatted(new Path(root, OBJECTS), classes.size()),
          "label pictures hold 1 to 254 classes");
    }
    return classes;
  }

  /** Kind of place by name of the picture without extension; empty where the file is missing. */
  static Map<String, String> scenes(Configuration conf, Path root) throws IOException {
    Map<String, String> scenes = new HashMap<>();
    for (String line : lines(conf, new Path(root, SCENES)).orElse(List.of())) {
      int space = line.indexOf(' ');
      if (space > 0) {
        scenes.put(line.substring(0, space), line.substring(space + 1).strip());
      }
    }
    return scenes;
  }

  private static Optional<List<String>> lines(Configuration conf, Path file) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(fs.open(file), StandardCharsets.UTF_8))) {
      return Optional.of(reader.lines().filter(line -> !line.isBlank()).toList());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }
}
