package io.elapid.task.evaluation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.CocoMasks;
import io.elapid.data.source.CocoNumbers;
import io.elapid.data.source.CocoTruth;
import io.elapid.data.target.Box;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation.RunLength;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reads detections in COCO's submission form, from whatever program.
 *
 * <p>As in the official tool the first entry decides about all: if it has a box, an object's area
 * is that of its box even if masks are compared, else that of its mask. An entry without a box gets
 * the one around its mask, one without a mask is a rectangle.
 */
final class CocoResultsReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String REMEDY =
      "give a list of {\"image_id\", \"category_id\", \"score\", \"bbox\" or \"segmentation\"}";

  private final Path file;
  private final CocoTruth truth;
  private final IouType type;
  private final Map<Integer, Integer> labels = new HashMap<>();
  private final Map<Long, List<Detection>> found = new HashMap<>();
  private boolean boxAreas;
  private long entries;

  private CocoResultsReader(Path file, CocoTruth truth, IouType type) {
    this.file = file;
    this.truth = truth;
    this.type = type;
    for (ClassLabel label : truth.classes()) {
      labels.put(Integer.valueOf(label.id()), label.index());
    }
  }

  /** The detections of each picture, in the order of the file. */
  static Map<Long, List<Detection>> read(
      Configuration conf, Path file, CocoTruth truth, IouType type) throws IOException {
    CocoResultsReader reader = new CocoResultsReader(file, truth, type);
    try (InputStream in = file.getFileSystem(conf).open(file);
        JsonParser parser = MAPPER.getFactory().createParser(in)) {
      reader.read(parser);
    } catch (JsonProcessingException e) {
      throw new InputException(
          file + " is damaged or no JSON: " + e.getOriginalMessage(), REMEDY, e);
    }
    return reader.found;
  }

  private void read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      throw new InputException(file + " holds no list of results", REMEDY);
    }
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token == null) {
        throw new InputException(file + " is cut short", "copy it again");
      }
      add(parser.readValueAsTree());
      entries++;
    }
  }

  private void add(JsonNode node) {
    long imageId = whole(node, "image_id");
    CocoTruth.Picture picture = truth.pictures().get(imageId);
    if (picture == null) {
      throw broken("is of picture %d, which the annotations do not list".formatted(imageId));
    }
    long category = whole(node, "category_id");
    Integer label = category == (int) category ? labels.get((int) category) : null;
    if (label == null) {
      throw broken(
          "has the category_id %s, which the annotations do not list"
              .formatted(node.get("category_id")));
    }
    JsonNode score = node.path("score");
    if (!score.isNumber()) {
      throw broken("has no score");
    }
    if (entries == 0) {
      boxAreas = node.path("bbox").size() > 0;
    }
    try {
      found
          .computeIfAbsent(imageId, id -> new ArrayList<>())
          .add(detection(node, label, score.asDouble(), picture.size()));
    } catch (IllegalArgumentException e) {
      throw broken("is wrong: " + e.getMessage());
    }
  }

  private Detection detection(JsonNode node, int label, double score, Size picture) {
    Optional<RunLength> mask = Optional.empty();
    // Of boxes alone nobody asks for the mask, which may be a hundred times as large.
    boolean boxSays = type == IouType.BBOX && boxAreas && node.path("bbox").size() > 0;
    JsonNode drawn = node.path("segmentation");
    if (!boxSays && drawn.isObject()) {
      mask = Optional.of(CocoMasks.runLength(drawn));
    } else if (!boxSays && drawn.isArray()) {
      mask = Optional.of(CocoMasks.ofPolygons(drawn, picture.width(), picture.height()));
    }
    double[] box = box(node, mask);
    if (mask.isEmpty() && type == IouType.SEGM) {
      mask =
          Optional.of(
              RunLengths.ofBox(box[0], box[1], box[2], box[3], picture.width(), picture.height()));
    }
    double area = boxAreas || mask.isEmpty() ? box[2] * box[3] : mask.get().area();
    return new Detection(label, score, box[0], box[1], box[2], box[3], area, mask);
  }

  private double[] box(JsonNode node, Optional<RunLength> mask) {
    JsonNode bbox = node.path("bbox");
    if (bbox.size() == 4) {
      double[] box = new double[4];
      for (int i = 0; i < box.length; i++) {
        box[i] = bbox.get(i).isNumber() ? bbox.get(i).asDouble() : Double.NaN;
      }
      return box;
    }
    Box around =
        mask.map(RunLengths::bounds)
            .orElseThrow(() -> broken("has neither a bbox of four numbers nor run lengths"));
    return new double[] {around.left(), around.top(), around.width(), around.height()};
  }

  private long whole(JsonNode node, String field) {
    if (!CocoNumbers.isWhole(node.path(field))) {
      throw broken("has no whole number as " + field);
    }
    return node.get(field).asLong();
  }

  private InputException broken(String what) {
    return new InputException("%s: entry %d %s".formatted(file, entries, what), REMEDY);
  }
}
