package io.elapid.data.source;

import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ImageNet-1k, or anything in its shape, in the forms in which people have it:
 *
 * <ul>
 *   <li>the published archives: {@code ILSVRC2012_img_train.tar} (an archive of one archive per
 *       class), {@code ILSVRC2012_img_val.tar} and the development kit;
 *   <li>class folders {@code train/<class>} (or archives {@code train/<class>.tar}) and {@code
 *       val/<class>};
 *   <li>a flat {@code val} with its labels in a side file: {@code LOC_val_solution.csv}, the
 *       development kit, or {@code val.txt};
 *   <li>Kaggle's tree {@code ILSVRC/Data/CLS-LOC}.
 * </ul>
 *
 * <p>Classes are the training folders, in bytewise order of their names.
 */
public final class ImageNetSource implements DataSource {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ImageNetSource.class);

  private final ArrayList<ClassLabel> classes;
  private final ArrayList<ListingUnit> units;
  // Class index of each picture of a flat validation split, by name without extension; else null.
  private final ImageNetLabels validation;

  ImageNetSource(List<ClassLabel> classes, List<ListingUnit> units, ImageNetLabels validation) {
    this.classes = new ArrayList<>(classes);
    this.units = new ArrayList<>(units);
    this.validation = validation;
  }

  /**
   * Finds out the layout of {@code in}.
   *
   * @throws io.elapid.data.InputException if it is missing, empty, none of the layouts above, or at
   *     odds with itself; the message says what was looked for and what was found
   * @throws IOException when the storage fails
   */
  public static ImageNetSource open(Configuration conf, Path in) throws IOException {
    return new ImageNetOpener(conf, ImageNetLayout.find(conf, in)).open();
  }

  @Override
  public String name() {
    return "imagenet";
  }

  @Override
  public TargetKind kind() {
    return TargetKind.CLASSIFICATION;
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
    List<Found> found =
        switch (unit.kind()) {
          case FOLDER -> folder(conf, unit);
          case TAR -> archive(conf, unit);
          case ANNOTATIONS -> throw new IllegalArgumentException("not a unit of ImageNet: " + unit);
        };
    if (found.isEmpty()) {
      LOG.warn("No pictures in {} of {}", unit.path(), unit.split());
    }
    if (unit.label() == ListingUnit.MIXED) {
      validation.requireCount(found.size(), unit.path());
    }
    found.sort(Comparator.comparing(Found::name, FileNames.BYTEWISE));
    List<SampleRef> refs = new ArrayList<>();
    for (Found file : found) {
      int label = label(unit, file.name());
      String id = unit.split() + "/" + classes.get(label).id() + "/" + file.name();
      refs.add(
          new SampleRef(
              unit.split(),
              id,
              file.path(),
              file.offset(),
              file.length(),
              new TargetRef.OfClass(label)));
    }
    return Listing.of(refs);
  }

  private int label(ListingUnit unit, String name) {
    return unit.label() == ListingUnit.MIXED ? validation.labelOf(name) : unit.label();
  }

  private record Found(String name, String path, long offset, long length) {}

  private static List<Found> folder(Configuration conf, ListingUnit unit) throws IOException {
    List<Found> found = new ArrayList<>();
    for (FolderFile file : FolderFile.pictures(conf, new Path(unit.path()))) {
      found.add(new Found(file.name(), file.path(), 0, file.length()));
    }
    return found;
  }

  private static List<Found> archive(Configuration conf, ListingUnit unit) throws IOException {
    List<Found> found = new ArrayList<>();
    Path file = new Path(unit.path());
    Map<String, String> members = new HashMap<>();
    for (TarListing.Member member : TarListing.list(conf, file, unit.offset(), unit.length())) {
      String base = FileNames.base(member.name());
      if (FileNames.isPicture(base)) {
        // Of one name in several folders, all but the first are told apart by their folders.
        String path = member.name().replaceFirst("^(\\./)+", "");
        String first = members.putIfAbsent(base, path);
        String name = first == null || first.equals(path) ? base : path;
        found.add(new Found(name, unit.path(), member.offset(), member.length()));
      }
    }
    return found;
  }
}
