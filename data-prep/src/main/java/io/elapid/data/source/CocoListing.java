package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Pictures and annotations of one annotation file, as they stand there. */
final class CocoListing implements Listing {
  private static final String IMAGES = "images";
  private static final String ANNOTATIONS = "annotations";
  private static final String REMEDY = "repair the annotation file or download it again";

  private static final String HERE = "./";

  private final ListingUnit unit;
  private final Path folder;
  private final Map<String, Long> lengths;
  private final CocoAnnotations annotations;
  private final CocoJson json;
  private final Queue<Listed> ready = new ArrayDeque<>();

  private CocoListing(
      ListingUnit unit,
      Path folder,
      Map<String, Long> lengths,
      CocoAnnotations annotations,
      CocoJson json) {
    this.unit = unit;
    this.folder = folder;
    this.lengths = lengths;
    this.annotations = annotations;
    this.json = json;
  }

  static CocoListing open(
      Configuration conf, ListingUnit unit, Path folder, Map<Integer, Integer> labels)
      throws IOException {
    Map<String, Long> lengths = lengths(conf, folder);
    CocoJson json = CocoJson.open(conf, new Path(unit.path()), Set.of(IMAGES, ANNOTATIONS));
    // what is measured against is what the official evaluation measures against
    CocoAnnotations.Marked marked =
        unit.split().equals(CocoLayout.TRAIN)
            ? CocoAnnotations.Marked.CROWDS
            : CocoAnnotations.Marked.KEPT;
    CocoAnnotations annotations = new CocoAnnotations(unit, labels, marked);
    return new CocoListing(unit, folder, lengths, annotations, json);
  }

  private static Map<String, Long> lengths(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    // Qualified by listing, not by hand: file systems differ in how they write themselves.
    int skip = fs.getFileStatus(folder).getPath().toString().length() + 1;
    Map<String, Long> lengths = new HashMap<>();
    for (RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true); files.hasNext(); ) {
      LocatedFileStatus file = files.next();
      if (!FileNames.isHidden(file.getPath().getName())) {
        lengths.put(file.getPath().toString().substring(skip), file.getLen());
      }
    }
    return lengths;
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty()) {
        CocoJson.Element element = json.next();
        if (element == null) {
          close();
          return false;
        }
        if (element.list().equals(IMAGES)) {
          ready.add(picture(element));
        } else {
          annotations.add(element, ready);
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Listed next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private SampleRef picture(CocoJson.Element element) {
    JsonNode node = element.node();
    JsonNode id = node.path("id");
    JsonNode name = node.path("file_name");
    if (!CocoNumbers.isWhole(id) || !name.isTextual()) {
      throw new InputException(
          "%s: images[%d] has no whole number as id, or no file_name"
              .formatted(unit.path(), element.index()),
          REMEDY);
    }
    String relative = resolve(name.asText());
    return new SampleRef(
        unit.split(),
        sampleId(unit, id.asLong()),
        // put together as text: a name with a colon is no path by itself
        new Path(folder + Path.SEPARATOR + relative).toString(),
        0,
        lengths.getOrDefault(relative, SampleRef.MISSING),
        new TargetRef.OfObjects(
            id.asLong(), node.path("width").asInt(), node.path("height").asInt()));
  }

  /** Some sets repeat the folder's own name in front. */
  private String resolve(String told) {
    String name = told.startsWith(HERE) ? told.substring(HERE.length()) : told;
    String own = folder.getName() + "/";
    boolean repeated = !lengths.containsKey(name) && name.startsWith(own);
    return repeated ? name.substring(own.length()) : name;
  }

  static String sampleId(ListingUnit unit, long imageId) {
    return "%s/%012d".formatted(unit.split(), imageId);
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
