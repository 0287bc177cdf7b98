package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * COCO 2017, or anything in its shape: {@code annotations/instances_<split>.json} and the pictures
 * in a folder {@code <split>}, {@code images/<split>} or {@code images}; or the zip archives that
 * unpack to these.
 *
 * <p>Classes are the categories in the order of their ids, which need not be contiguous. Annotation
 * files are streamed: pictures and annotations are listed one by one, as they come.
 */
public final class CocoSource implements DataSource {
  private static final long serialVersionUID = 1L;
  private static final String REMEDY = "take the annotation files of one and the same data set";

  private final ArrayList<ClassLabel> classes;
  private final ArrayList<ListingUnit> units;
  private final HashMap<Integer, Integer> labels;
  private final HashMap<String, String> pictures;

  private CocoSource(
      List<ClassLabel> classes,
      List<ListingUnit> units,
      Map<Integer, Integer> labels,
      Map<String, String> pictures) {
    this.classes = new ArrayList<>(classes);
    this.units = new ArrayList<>(units);
    this.labels = new HashMap<>(labels);
    this.pictures = new HashMap<>(pictures);
  }

  /**
   * Finds out the layout of {@code in} and reads the categories.
   *
   * @throws InputException if it is missing, is no COCO, or its files disagree
   * @throws IOException when the storage fails
   */
  public static CocoSource open(Configuration conf, Path in) throws IOException {
    CocoLayout layout = CocoLayout.find(conf, ZippedFolder.view(conf, in));
    List<ListingUnit> units = new ArrayList<>();
    Map<String, String> pictures = new HashMap<>();
    Map<Integer, String> categories = null;
    for (Map.Entry<String, CocoLayout.Split> split : layout.splits().entrySet()) {
      Path file = split.getValue().annotations().getPath();
      Map<Integer, String> names = categories(conf, file);
      if (categories != null && !categories.equals(names)) {
        throw new InputException(
            "%s has the categories %s, another split has %s"
                .formatted(file, names.values(), categories.values()),
            REMEDY);
      }
      categories = names;
      long length = split.getValue().annotations().getLen();
      units.add(
          new ListingUnit(
              split.getKey(),
              ListingUnit.Kind.ANNOTATIONS,
              file.toString(),
              0,
              length,
              ListingUnit.MIXED));
      pictures.put(split.getKey(), split.getValue().pictures().toString());
    }
    List<ClassLabel> classes = new ArrayList<>();
    Map<Integer, Integer> labels = new HashMap<>();
    label(categories, classes, labels);
    return new CocoSource(classes, units, labels, pictures);
  }

  /** Makes classes of categories; {@code labels} maps the categories' ids to indices. */
  static void label(
      Map<Integer, String> categories, List<ClassLabel> classes, Map<Integer, Integer> labels) {
    for (Map.Entry<Integer, String> category : categories.entrySet()) {
      labels.put(category.getKey(), classes.size());
      classes.add(
          new ClassLabel(classes.size(), category.getKey().toString(), category.getValue()));
    }
  }

  /** Names by id, sorted. They may stand at the end of the file, so all of it is passed over. */
  static Map<Integer, String> categories(Configuration conf, Path file) throws IOException {
    Map<Integer, String> names = new TreeMap<>();
    try (CocoJson json = CocoJson.open(conf, file, Set.of("categories"))) {
      for (CocoJson.Element e = json.next(); e != null; e = json.next()) {
        JsonNode id = e.node().path("id");
        if (!CocoNumbers.isWhole(id) || !id.canConvertToInt()) {
          throw new InputException(
              "%s: categories[%d] has no whole number as id".formatted(file, e.index()), REMEDY);
        }
        String name = e.node().path("name").asText(String.valueOf(id.asInt()));
        if (names.put(id.asInt(), name) != null) {
          throw new InputException(
              "%s has two categories with the id %s".formatted(file, id), REMEDY);
        }
      }
    }
    if (names.isEmpty()) {
      throw new InputException(
          file + " has no categories", "take an annotation file of object instances");
    }
    return names;
  }

  @Override
  public String name() {
    return "coco";
  }

  @Override
  public TargetKind kind() {
    return TargetKind.DETECTION;
  }

  @Override
  public List<ClassLabel> classes() {
    return List.copyOf(classes);
  }

  @Override
  public List<ListingUnit> units() {
    return List.copyOf(units);
  }

  /** Holds the names and lengths of the split's pictures while it is open, nothing else. */
  @Override
  public Listing list(Configuration conf, ListingUnit unit) throws IOException {
    return CocoListing.open(conf, unit, new Path(pictures.get(unit.split())), Map.copyOf(labels));
  }
}
