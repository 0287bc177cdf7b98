package io.elapid.data.source;

import io.elapid.data.InputException;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * ADE20K as published for scene parsing: {@code ADEChallengeData2016/images/<split>/*.jpg} and
 * {@code annotations/<split>/*.png} with splits "training" and "validation", class names in {@code
 * objectInfo150.txt}, scenes in {@code sceneCategories.txt}.
 *
 * <p>Class index c is the label value c + 1; the value 0 is "other". A picture without a label file
 * is listed as missing, and so is a label file without a picture.
 */
public final class Ade20kSource implements DataSource {
  private static final long serialVersionUID = 1L;
  private static final Map<String, String> SPLITS =
      Map.of("train", "training", "val", "validation");

  private final String root;
  private final ArrayList<ClassLabel> classes;
  private final ArrayList<ListingUnit> units;

  private Ade20kSource(String root, List<ClassLabel> classes, List<ListingUnit> units) {
    this.root = root;
    this.classes = new ArrayList<>(classes);
    this.units = new ArrayList<>(units);
  }

  /**
   * Finds the two splits in {@code given}, in its folder {@code ADEChallengeData2016} or in a zip
   * archive of that.
   *
   * @throws InputException if one is missing or the class names are not what they should be
   * @throws IOException when the storage fails
   */
  public static Ade20kSource open(Configuration conf, Path given) throws IOException {
    Path in = ZippedFolder.view(conf, given);
    FileSystem fs = in.getFileSystem(conf);
    if (!fs.exists(in)) {
      throw new InputException("there is nothing at " + in, "check the path");
    }
    for (Path root : List.of(in, new Path(in, "ADEChallengeData2016"))) {
      if (fs.exists(new Path(root, "images/training"))) {
        return open(conf, fs, new Path(fs.makeQualified(root).toString()));
      }
    }
    throw new InputException(
        "no ADE20K in %s: looked for images/training and ADEChallengeData2016/images/training"
            .formatted(given),
        "give the folder ADEChallengeData2016 (the full ADE20K has another form and is not read)");
  }

  private static Ade20kSource open(Configuration conf, FileSystem fs, Path root)
      throws IOException {
    List<ListingUnit> units = new ArrayList<>();
    for (String split : new TreeSet<>(SPLITS.keySet())) {
      for (String kind : List.of("images/", "annotations/")) {
        Path folder = new Path(root, kind + SPLITS.get(split));
        if (!fs.exists(folder)) {
          throw new InputException(
              folder + " is missing", "complete the data set: it has images and annotations");
        }
      }
      Path pictures = new Path(root, "images/" + SPLITS.get(split));
      units.add(
          new ListingUnit(
              split, ListingUnit.Kind.FOLDER, pictures.toString(), 0, 0, ListingUnit.MIXED));
    }
    return new Ade20kSource(root.toString(), Ade20kTexts.classes(conf, root), units);
  }

  @Override
  public String name() {
    return "ade20k";
  }

  @Override
  public TargetKind kind() {
    return TargetKind.SEGMENTATION;
  }

  @Override
  public List<ClassLabel> classes() {
    return List.copyOf(classes);
  }

  @Override
  public List<ListingUnit> units() {
    return List.copyOf(units);
  }

  @Override
  public Listing list(Configuration conf, ListingUnit unit) throws IOException {
    Map<String, FolderFile> pictures = files(conf, new Path(unit.path()));
    Path folder = new Path(root, "annotations/" + SPLITS.get(unit.split()));
    Map<String, FolderFile> labels = files(conf, folder);
    Map<String, String> scenes = Ade20kTexts.scenes(conf, new Path(root));
    TreeSet<String> stems = new TreeSet<>(FileNames.BYTEWISE);
    stems.addAll(pictures.keySet());
    stems.addAll(labels.keySet());
    List<SampleRef> refs = new ArrayList<>();
    for (String stem : stems) {
      Found picture = Found.of(pictures.get(stem), new Path(unit.path() + "/" + stem + ".jpg"));
      Found label = Found.of(labels.get(stem), new Path(folder + "/" + stem + ".png"));
      refs.add(
          new SampleRef(
              unit.split(),
              unit.split() + "/" + stem,
              picture.path(),
              0,
              picture.length(),
              new TargetRef.OfLabelMap(
                  label.path(), label.length(), scenes.getOrDefault(stem, ""), classes.size())));
    }
    return Listing.of(refs);
  }

  private record Found(String path, long length) {
    static Found of(FolderFile file, Path expected) {
      return file == null
          ? new Found(expected.toString(), SampleRef.MISSING)
          : new Found(file.path(), file.length());
    }
  }

  private static Map<String, FolderFile> files(Configuration conf, Path folder) throws IOException {
    Map<String, FolderFile> files = new HashMap<>();
    for (FolderFile file : FolderFile.pictures(conf, folder)) {
      FolderFile other = files.put(FileNames.stem(file.name()), file);
      if (other != null) {
        throw new InputException(
            "%s and %s have the same name".formatted(other.path(), file.path()),
            "keep one of them");
      }
    }
    return files;
  }
}
