package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Labels of a flat validation split, from whichever side file there is. */
final class ImageNetLabels implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String origin;
  private final HashMap<String, Integer> labels;
  // A list by position cannot be right if pictures are missing; one by name can.
  private final boolean complete;

  private ImageNetLabels(String origin, Map<String, Integer> labels, boolean complete) {
    this.origin = origin;
    this.labels = new HashMap<>(labels);
    this.complete = complete;
  }

  /**
   * Reads the labels.
   *
   * @param indices WordNet id to class index
   */
  static ImageNetLabels find(SideFiles files, Optional<Devkit> devkit, Map<String, Integer> indices)
      throws IOException {
    Optional<Map<String, String>> kaggle = files.kaggleLabels();
    if (kaggle.isPresent()) {
      return byClass(SideFiles.KAGGLE_LABELS, kaggle.get(), indices, false);
    }
    if (devkit.isPresent()) {
      return byClass(Devkit.TRUTH, devkit.get().validation(), indices, true);
    }
    Optional<Map<String, Integer>> indexed = files.indexLabels();
    if (indexed.isPresent()) {
      return byIndex(indexed.get(), classOfIndex(files, indices), indices);
    }
    throw new InputException(
        "the validation pictures lie in no class folders and there are no labels for them: looked"
            + " for %s, %s, %s (or its contents) in %s"
                .formatted(
                    SideFiles.KAGGLE_LABELS,
                    SideFiles.INDEX_LABELS,
                    Devkit.ARCHIVE,
                    files.folders()),
        "put one of these files beside the pictures");
  }

  private static Map<Integer, String> classOfIndex(SideFiles files, Map<String, Integer> indices)
      throws IOException {
    Optional<Map<Integer, String>> listed = files.classOfIndex(indices.keySet());
    if (listed.isPresent()) {
      return listed.get();
    }
    Map<Integer, String> classes = new HashMap<>();
    indices.forEach((wnid, index) -> classes.put(index, wnid));
    return classes;
  }

  private static ImageNetLabels byIndex(
      Map<String, Integer> labels, Map<Integer, String> classes, Map<String, Integer> indices) {
    Map<String, String> byClass = new HashMap<>();
    labels.forEach(
        (name, index) -> {
          String wnid = classes.get(index);
          if (wnid == null) {
            throw new InputException(
                "%s gives %s class %d, there are %d classes"
                    .formatted(SideFiles.INDEX_LABELS, name, index, classes.size()),
                "take away the file if its numbers are not class indices from 0");
          }
          byClass.put(name, wnid);
        });
    return byClass(SideFiles.INDEX_LABELS, byClass, indices, false);
  }

  private static ImageNetLabels byClass(
      String origin, Map<String, String> classes, Map<String, Integer> indices, boolean complete) {
    Map<String, Integer> labels = new HashMap<>();
    classes.forEach(
        (name, wnid) -> {
          Integer index = indices.get(wnid);
          if (index == null) {
            throw new InputException(
                "%s gives %s class %s, which the training pictures do not have"
                    .formatted(origin, name, wnid),
                "complete the training pictures, or take the validation pictures of the same data"
                    + " set");
          }
          labels.put(name, index);
        });
    return new ImageNetLabels(origin, labels, complete);
  }

  int labelOf(String fileName) {
    Integer label = labels.get(FileNames.stem(fileName));
    if (label == null) {
      throw new InputException(
          origin + " has no label for the validation picture " + fileName,
          "take away the picture or complete the labels");
    }
    return label;
  }

  void requireCount(int pictures, String path) {
    if (complete && pictures != labels.size()) {
      throw new InputException(
          "%s has %d validation pictures, %s has %d labels"
              .formatted(path, pictures, origin, labels.size()),
          "complete the validation pictures");
    }
  }

  /** Words for every class: the first of the given maps that knows it, else its id. */
  static List<ClassLabel> classLabels(List<String> wnids, Map<String, String> words) {
    List<ClassLabel> classes = new ArrayList<>();
    for (String wnid : wnids) {
      classes.add(new ClassLabel(classes.size(), wnid, words.getOrDefault(wnid, wnid)));
    }
    return classes;
  }
}
