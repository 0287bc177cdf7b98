package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Turns a layout into classes and listing units, and refuses one that contradicts itself. */
final class ImageNetOpener {
  private static final String TRAIN = "train";
  private static final String VAL = "val";
  private static final String TAR = ".tar";

  private final Configuration conf;
  private final ImageNetLayout layout;
  private final FileSystem fs;

  ImageNetOpener(Configuration conf, ImageNetLayout layout) throws IOException {
    this.conf = conf;
    this.layout = layout;
    this.fs = layout.root().getFileSystem(conf);
  }

  ImageNetSource open() throws IOException {
    SideFiles sideFiles = new SideFiles(conf, layout.places());
    Optional<Devkit> devkit = sideFiles.devkit();
    Map<String, ListingUnit> train = classUnits(TRAIN, layout.train());
    if (train.isEmpty()) {
      throw new InputException(
          layout.train().getPath() + " has no classes: neither folders nor <class>.tar archives",
          "give ImageNet's own training archive, or one folder per class");
    }
    List<String> wnids = new ArrayList<>(train.keySet());
    List<ClassLabel> classes = ImageNetLabels.classLabels(wnids, words(sideFiles, devkit));
    Map<String, Integer> indices = new HashMap<>();
    classes.forEach(label -> indices.put(label.id(), label.index()));

    List<ListingUnit> units = labelled(train, indices);
    Map<String, ListingUnit> val =
        layout.val().isDirectory() ? classUnits(VAL, layout.val()) : Map.of();
    ImageNetLabels labels = null;
    List<ListingUnit> valUnits;
    if (val.isEmpty()) {
      labels = ImageNetLabels.find(sideFiles, devkit, indices);
      valUnits = List.of(flat());
    } else {
      requireSameClasses(train, val);
      valUnits = labelled(val, indices);
    }
    ImageNetSource source = new ImageNetSource(classes, concat(units, valUnits), labels);
    requirePictures(source, units, layout.train());
    requirePictures(source, valUnits, layout.val());
    return source;
  }

  private static Map<String, String> words(SideFiles files, Optional<Devkit> devkit)
      throws IOException {
    Map<String, String> words = new HashMap<>();
    devkit.ifPresent(kit -> words.putAll(kit.words()));
    words.putAll(files.words());
    return words;
  }

  /** Units by class name in bytewise order, still without label. */
  private Map<String, ListingUnit> classUnits(String split, FileStatus where) throws IOException {
    Map<String, ListingUnit> units = new TreeMap<>(FileNames.BYTEWISE);
    Path path = where.getPath();
    if (!where.isDirectory()) {
      for (TarListing.Member member : TarListing.list(conf, path, 0, where.getLen())) {
        String name = FileNames.base(member.name());
        if (!FileNames.isHidden(name) && name.endsWith(TAR)) {
          units.put(
              FileNames.stem(name), tar(split, path.toString(), member.offset(), member.length()));
        }
      }
      return units;
    }
    for (FileStatus child : fs.listStatus(path)) {
      String name = child.getPath().getName();
      String childPath = child.getPath().toString();
      if (FileNames.isHidden(name)) {
        continue;
      }
      if (child.isDirectory()) {
        units.put(
            name,
            new ListingUnit(split, ListingUnit.Kind.FOLDER, childPath, 0, 0, ListingUnit.MIXED));
      } else if (name.endsWith(TAR)) {
        units.putIfAbsent(FileNames.stem(name), tar(split, childPath, 0, child.getLen()));
      }
    }
    return units;
  }

  private static ListingUnit tar(String split, String path, long offset, long length) {
    return new ListingUnit(split, ListingUnit.Kind.TAR, path, offset, length, ListingUnit.MIXED);
  }

  private ListingUnit flat() {
    FileStatus val = layout.val();
    String path = val.getPath().toString();
    return val.isDirectory()
        ? new ListingUnit(VAL, ListingUnit.Kind.FOLDER, path, 0, 0, ListingUnit.MIXED)
        : tar(VAL, path, 0, val.getLen());
  }

  private static List<ListingUnit> labelled(
      Map<String, ListingUnit> units, Map<String, Integer> indices) {
    List<ListingUnit> labelled = new ArrayList<>();
    units.forEach(
        (wnid, u) ->
            labelled.add(
                new ListingUnit(
                    u.split(), u.kind(), u.path(), u.offset(), u.length(), indices.get(wnid))));
    return labelled;
  }

  private static void requireSameClasses(
      Map<String, ListingUnit> train, Map<String, ListingUnit> val) {
    if (train.keySet().equals(val.keySet())) {
      return;
    }
    TreeSet<String> onlyTrain = new TreeSet<>(train.keySet());
    onlyTrain.removeAll(val.keySet());
    TreeSet<String> onlyVal = new TreeSet<>(val.keySet());
    onlyVal.removeAll(train.keySet());
    throw new InputException(
        "train has %d class folders and val %d; only in train: %s; only in val: %s"
            .formatted(train.size(), val.size(), some(onlyTrain), some(onlyVal)),
        "make the class folders of train and val the same, and move other folders elsewhere");
  }

  private static String some(Set<String> names) {
    int shown = 5;
    return names.size() <= shown
        ? names.toString()
        : names.stream().limit(shown).toList() + " and " + (names.size() - shown) + " more";
  }

  /** One picture is enough here; a class without any is a warning when it is listed. */
  private void requirePictures(ImageNetSource source, List<ListingUnit> units, FileStatus where)
      throws IOException {
    for (ListingUnit unit : units) {
      try (Listing pictures = source.list(conf, unit)) {
        if (pictures.hasNext()) {
          return;
        }
      }
    }
    throw new InputException(
        where.getPath() + " has " + units.size() + " classes or folders but no pictures in them",
        "give a data set with .JPEG, .jpeg, .jpg or .png files");
  }

  private static <T> List<T> concat(List<T> a, List<T> b) {
    List<T> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }
}
