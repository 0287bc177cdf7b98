package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where in a folder the annotation files and the pictures of each split lie.
 *
 * @param splits by name, "train" and "val"
 */
record CocoLayout(Map<String, Split> splits) {
  /** The split that is learnt from. */
  static final String TRAIN = "train";

  private static final Pattern FILE = Pattern.compile("instances_((train|val)\\d*)\\.json");
  private static final String REMEDY =
      "give the folder that holds annotations/instances_train2017.json, train2017 and their val"
          + " counterparts";

  /**
   * One split.
   *
   * @param annotations the file "instances_..."
   * @param pictures folder that the file's names are relative to
   */
  record Split(FileStatus annotations, Path pictures) {}

  static CocoLayout find(Configuration conf, Path given) throws IOException {
    FileSystem fs = given.getFileSystem(conf);
    // Through a string: a path made from a URI may end in a slash, and would be its own parent.
    Path in = new Path(fs.makeQualified(given).toString());
    Map<String, Split> splits = new TreeMap<>();
    for (FileStatus file : annotationFiles(fs, in)) {
      Matcher name = FILE.matcher(file.getPath().getName());
      if (name.matches()) {
        Split split = new Split(file, pictures(fs, in, name.group(1), name.group(2)));
        Split other = splits.put(name.group(2), split);
        if (other != null) {
          throw new InputException(
              "%s and %s are both of split \"%s\""
                  .formatted(
                      other.annotations().getPath(), split.annotations().getPath(), name.group(2)),
              "keep one of them; another release goes into a folder of its own");
        }
      }
    }
    if (splits.isEmpty()) {
      throw new InputException(
          "no COCO in %s: looked for annotations/instances_train*.json and instances_val*.json"
              .formatted(in),
          REMEDY);
    }
    return new CocoLayout(splits);
  }

  private static List<FileStatus> annotationFiles(FileSystem fs, Path in) throws IOException {
    try {
      if (!fs.getFileStatus(in).isDirectory()) {
        throw new InputException(in + " is a file, not a folder", REMEDY);
      }
    } catch (FileNotFoundException e) {
      throw new InputException("there is nothing at " + in, "check the path", e);
    }
    List<FileStatus> files = new ArrayList<>();
    for (Path folder : List.of(new Path(in, "annotations"), in)) {
      if (files.isEmpty() && fs.exists(folder)) {
        for (String name : ImageNetLayout.children(fs, folder, FileStatus::isFile)) {
          if (FILE.matcher(name).matches()) {
            files.add(fs.getFileStatus(new Path(folder, name)));
          }
        }
      }
    }
    return files;
  }

  private static Path pictures(FileSystem fs, Path in, String release, String split)
      throws IOException {
    List<String> candidates =
        List.of(release, "images/" + release, split, "images/" + split, "images");
    for (String candidate : candidates) {
      Path folder = new Path(in, candidate);
      if (fs.exists(folder) && fs.getFileStatus(folder).isDirectory()) {
        return folder;
      }
    }
    throw new InputException(
        "%s has annotations of %s but no pictures: looked for the folders %s"
            .formatted(in, release, candidates),
        REMEDY);
  }
}
