package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.RunLengthText;
import io.elapid.data.target.Segmentation;
import java.util.ArrayList;
import java.util.List;

/** Masks as annotation and result files hold them. */
public final class CocoMasks {
  private CocoMasks() {}

  /**
   * Run lengths as a list of numbers or as COCO's text.
   *
   * @param node an object with "size" (height, width) and "counts"
   * @throws IllegalArgumentException if it is anything else
   */
  public static Segmentation.RunLength runLength(JsonNode node) {
    JsonNode size = node.path("size");
    JsonNode counts = node.path("counts");
    int[] runs;
    if (counts.isTextual()) {
      runs = RunLengthText.decode(counts.asText());
    } else if (counts.isArray()) {
      runs = new int[counts.size()];
      for (int i = 0; i < runs.length; i++) {
        if (!counts.get(i).isInt()) {
          throw new IllegalArgumentException("its counts are not all whole numbers");
        }
        runs[i] = counts.get(i).asInt();
      }
    } else {
      throw new IllegalArgumentException("it has no counts");
    }
    return new Segmentation.RunLength(size.path(1).asInt(), size.path(0).asInt(), runs);
  }

  /**
   * The mask that polygons outline.
   *
   * @param node a list of lists of numbers, x and y in turns
   * @throws IllegalArgumentException if it is anything else
   */
  public static Segmentation.RunLength ofPolygons(JsonNode node, int width, int height) {
    List<String> problems = new ArrayList<>();
    Segmentation polygons = CocoAnnotations.polygons(node, problems);
    if (!problems.isEmpty() || polygons instanceof Segmentation.None) {
      throw new IllegalArgumentException(
          problems.isEmpty() ? "it has no polygons" : String.join("; ", problems));
    }
    return MaskRaster.runs(polygons, width, height);
  }
}
