package io.elapid.data.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.elapid.data.SplitMix;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.target.Box;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.RunLengthText;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation.RunLength;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Generated scenes in COCO's form, annotated with the parts of shapes that are in sight. */
final class CocoScenes implements GeneratedFolder.Content {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_THINGS = 100;

  private final SceneSpec spec;
  private final ConcurrentHashMap<SceneSpec.Place, List<Annotated>> annotated =
      new ConcurrentHashMap<>();

  private record Annotated(int label, Extent extent, RunLength mask) {}

  CocoScenes(SceneSpec spec) {
    this.spec = spec;
  }

  @Override
  public int pictures() {
    return spec.images();
  }

  @Override
  public void begin(GeneratedFolder folder) throws IOException {
    for (String name : List.of("annotations", folder(true), folder(false))) {
      folder.makeFolder(name);
    }
  }

  private static String folder(boolean train) {
    return train ? "train2017" : "val2017";
  }

  /** The ids have gaps, as COCO's have, so that nobody takes them for class indices. */
  static int categoryId(int label) {
    return 2 * label + 1;
  }

  private static String fileName(int index) {
    return "%012d.jpg".formatted(index + 1);
  }

  @Override
  public void paint(GeneratedFolder folder, JpegEncoder encoder, int picture) throws IOException {
    SceneSpec.Place place = spec.place(picture);
    Scene scene = ScenePainter.paint(spec, spec.seed(place));
    List<Annotated> found = new ArrayList<>();
    for (int i = 0; i < scene.things().size(); i++) {
      Scene.Thing thing = scene.things().get(i);
      found.add(new Annotated(thing.label(), thing.extent(), MaskRaster.runs(scene.visible(i))));
    }
    annotated.put(place, found);
    folder.write(
        folder(place.train()) + "/" + fileName(place.index()),
        encoder.encode(scene.image(), quality(spec.seed(place))));
  }

  /** As good as photographs are usually stored; a pure function of the picture's seed. */
  static double quality(long seed) {
    return 0.75 + 0.2 * new SplitMix(SplitMix.derive(seed, 1)).nextDouble();
  }

  @Override
  public void end(GeneratedFolder folder) throws IOException {
    folder.write("annotations/instances_train2017.json", json(true, spec.trainImages()));
    folder.write("annotations/instances_val2017.json", json(false, spec.valImages()));
  }

  private byte[] json(boolean train, int pictures) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeArrayFieldStart("images");
      for (int i = 0; i < pictures; i++) {
        json.writeStartObject();
        json.writeNumberField("id", i + 1);
        json.writeStringField("file_name", fileName(i));
        json.writeNumberField("width", spec.size());
        json.writeNumberField("height", spec.size());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("annotations");
      for (int i = 0; i < pictures; i++) {
        long id = (long) i * MAX_THINGS;
        for (Annotated one : annotated.get(new SceneSpec.Place(train, i))) {
          annotation(json, ++id, i + 1, one);
        }
      }
      json.writeEndArray();
      categories(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void annotation(JsonGenerator json, long id, int image, Annotated one)
      throws IOException {
    Box box = RunLengths.bounds(one.mask());
    boolean crowd = one.extent() == Extent.CROWD;
    json.writeStartObject();
    json.writeNumberField("id", id);
    json.writeNumberField("image_id", image);
    json.writeNumberField("category_id", categoryId(one.label()));
    json.writeNumberField("iscrowd", crowd ? 1 : 0);
    json.writeNumberField("area", one.mask().area());
    json.writeFieldName("bbox");
    json.writeArray(new double[] {box.left(), box.top(), box.width(), box.height()}, 0, 4);
    json.writeObjectFieldStart("segmentation");
    json.writeFieldName("size");
    json.writeArray(new int[] {one.mask().height(), one.mask().width()}, 0, 2);
    int[] counts = one.mask().counts();
    // Both forms that COCO has: numbers for crowds, text elsewhere.
    if (crowd) {
      json.writeFieldName("counts");
      json.writeArray(counts, 0, counts.length);
    } else {
      json.writeStringField("counts", RunLengthText.encode(counts));
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private void categories(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("categories");
    for (int label = 0; label < spec.classes(); label++) {
      json.writeStartObject();
      json.writeNumberField("id", categoryId(label));
      json.writeStringField("name", spec.names().get(label));
      json.writeStringField("supercategory", "shape");
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
