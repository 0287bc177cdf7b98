package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where in a folder the two splits lie.
 *
 * @param root folder that holds both
 * @param train folder "train" or the training archive
 * @param val folder "val" or the validation archive
 * @param places folders in which side files may lie, nearest first
 */
record ImageNetLayout(Path root, FileStatus train, FileStatus val, List<Path> places) {
  static final String TRAIN_ARCHIVE = "ILSVRC2012_img_train.tar";
  static final String VAL_ARCHIVE = "ILSVRC2012_img_val.tar";

  /** Kaggle keeps the pictures three folders down; people point anywhere on the way. */
  private static final List<String> BELOW =
      List.of("", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC", "CLS-LOC");

  private static final String REMEDY =
      "give the folder that holds train and val, or " + TRAIN_ARCHIVE + " and " + VAL_ARCHIVE;

  static ImageNetLayout find(Configuration conf, Path given) throws IOException {
    FileSystem fs = given.getFileSystem(conf);
    // Through a string: a path made from a URI may end in a slash, and would be its own parent.
    Path in = new Path(fs.makeQualified(given).toString());
    requireFolder(fs, in);
    for (String below : BELOW) {
      Path root = below.isEmpty() ? in : new Path(in, below);
      Optional<FileStatus> train = first(fs, root, "train", TRAIN_ARCHIVE);
      if (train.isPresent()) {
        Optional<FileStatus> val = first(fs, root, "val", VAL_ARCHIVE);
        if (val.isEmpty()) {
          throw new InputException(
              "%s has training pictures but neither val nor %s; found %s"
                  .formatted(root, VAL_ARCHIVE, names(fs, root)),
              REMEDY);
        }
        return new ImageNetLayout(root, train.get(), val.get(), places(in, root, val.get()));
      }
    }
    throw new InputException(
        "no ImageNet in %s: looked for train, %s and %s; found %s"
            .formatted(in, TRAIN_ARCHIVE, BELOW.get(1), names(fs, in)),
        REMEDY);
  }

  private static void requireFolder(FileSystem fs, Path in) throws IOException {
    try {
      if (!fs.getFileStatus(in).isDirectory()) {
        throw new InputException(in + " is a file, not a folder", REMEDY);
      }
    } catch (FileNotFoundException e) {
      throw new InputException("there is nothing at " + in, "check the path", e);
    }
    if (fs.listStatus(in).length == 0) {
      throw new InputException(in + " is empty", REMEDY);
    }
  }

  private static Optional<FileStatus> first(FileSystem fs, Path root, String folder, String archive)
      throws IOException {
    Path path = new Path(root, folder);
    if (fs.exists(path) && fs.getFileStatus(path).isDirectory()) {
      return Optional.of(fs.getFileStatus(path));
    }
    path = new Path(root, archive);
    return fs.exists(path) ? Optional.of(fs.getFileStatus(path)) : Optional.empty();
  }

  private static List<Path> places(Path in, Path root, FileStatus val) {
    List<Path> places = new ArrayList<>();
    if (val.isDirectory()) {
      places.add(val.getPath());
    }
    for (Path p = root; p != null; p = p.getParent()) {
      places.add(p);
      if (p.equals(in)) {
        if (in.getParent() != null) {
          places.add(in.getParent());
        }
        break;
      }
    }
    return places;
  }

  /** The first few names in a folder, for a message. */
  private static String names(FileSystem fs, Path folder) throws IOException {
    List<String> names = children(fs, folder, status -> true);
    int shown = 8;
    return names.size() <= shown
        ? names.toString()
        : names.subList(0, shown) + " and " + (names.size() - shown) + " more";
  }

  /** Names in a folder that are not hidden and pass a test, in bytewise order. */
  static List<String> children(FileSystem fs, Path folder, Predicate<FileStatus> test)
      throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus status : fs.listStatus(folder)) {
      String name = status.getPath().getName();
      if (!FileNames.isHidden(name) && test.test(status)) {
        names.add(name);
      }
    }
    names.sort(FileNames.BYTEWISE);
    return names;
  }
}
