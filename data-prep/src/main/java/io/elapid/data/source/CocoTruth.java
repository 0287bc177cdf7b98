package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * One annotation file in memory, to measure detections against; the pictures themselves need not be
 * there.
 *
 * @param classes in index order; their ids are the file's category ids
 * @param pictures by id
 * @param problems annotations, or their masks, that had to be left out
 */
public record CocoTruth(
    List<ClassLabel> classes, Map<Long, Picture> pictures, List<String> problems) {
  private static final String REMEDY = "repair the annotation file or download it again";

  /**
   * One picture.
   *
   * @param size that its annotators saw
   * @param target all that is annotated, in the order of the file
   */
  public record Picture(Size size, ObjectTarget target) {}

  /**
   * Reads a file "instances_...".
   *
   * @throws InputException if it is damaged or something else
   * @throws IOException when the storage fails
   */
  public static CocoTruth read(Configuration conf, Path file) throws IOException {
    List<ClassLabel> classes = new ArrayList<>();
    Map<Integer, Integer> labels = new HashMap<>();
    CocoSource.label(CocoSource.categories(conf, file), classes, labels);
    ListingUnit unit =
        new ListingUnit(
            "val", ListingUnit.Kind.ANNOTATIONS, file.toString(), 0, 0, ListingUnit.MIXED);
    CocoAnnotations reader = new CocoAnnotations(unit, labels, CocoAnnotations.Marked.KEPT);
    Map<Long, Size> sizes = new TreeMap<>();
    Map<Long, List<ObjectAnnotation>> annotations = new HashMap<>();
    List<String> problems = new ArrayList<>();
    try (CocoJson json = CocoJson.open(conf, file, Set.of("images", "annotations"))) {
      for (CocoJson.Element e = json.next(); e != null; e = json.next()) {
        if (e.list().equals("images")) {
          addSize(file, e, sizes);
        } else {
          long id = e.node().path("image_id").asLong();
          annotation(e, reader, annotations.computeIfAbsent(id, i -> new ArrayList<>()), problems);
        }
      }
    }
    return new CocoTruth(classes, pictures(file, sizes, annotations), problems);
  }

  private static void addSize(Path file, CocoJson.Element element, Map<Long, Size> sizes) {
    JsonNode node = element.node();
    int width = node.path("width").asInt();
    int height = node.path("height").asInt();
    if (!CocoNumbers.isWhole(node.path("id")) || width < 1 || height < 1) {
      throw new InputException(
          "%s: images[%d] has no id, width or height".formatted(file, element.index()), REMEDY);
    }
    if (sizes.put(node.path("id").asLong(), new Size(width, height)) != null) {
      throw new InputException(
          "%s has two pictures with the id %s".formatted(file, node.path("id")), REMEDY);
    }
  }

  private static void annotation(
      CocoJson.Element element,
      CocoAnnotations reader,
      List<ObjectAnnotation> annotations,
      List<String> problems) {
    Queue<Listed> found = new ArrayDeque<>();
    reader.add(element, found);
    for (Listed one : found) {
      if (one instanceof ListedAnnotation listed) {
        annotations.add(listed.annotation());
      } else if (one instanceof ListedProblem problem) {
        problems.add(problem.reason());
      }
    }
  }

  private static Map<Long, Picture> pictures(
      Path file, Map<Long, Size> sizes, Map<Long, List<ObjectAnnotation>> annotations) {
    for (Long id : annotations.keySet()) {
      if (!sizes.containsKey(id)) {
        throw new InputException(
            "%s has annotations of picture %d, which it does not list".formatted(file, id), REMEDY);
      }
    }
    Map<Long, Picture> pictures = new TreeMap<>();
    sizes.forEach(
        (id, size) -> {
          List<ObjectAnnotation> own = annotations.getOrDefault(id, List.of());
          pictures.put(id, new Picture(size, new ObjectTarget(id, Orientation.UPRIGHT, own)));
        });
    return pictures;
  }
}
