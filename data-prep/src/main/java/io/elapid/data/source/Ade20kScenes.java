package io.elapid.data.source;

import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.PngEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Generated scenes in ADE20K's form: 1 + class index in the pixels where a shape is in sight, one
 * class more for the ground, and 0 where something of no class is in front.
 */
final class Ade20kScenes implements GeneratedFolder.Content {
  /** The class of everything that is no shape. */
  static final String GROUND = "ground";

  private static final int OTHER = 0;

  private final SceneSpec spec;

  Ade20kScenes(SceneSpec spec) {
    this.spec = spec;
  }

  @Override
  public int pictures() {
    return spec.images();
  }

  @Override
  public void begin(GeneratedFolder folder) throws IOException {
    for (String kind : List.of("images/", "annotations/")) {
      folder.makeFolder(kind + folder(true));
      folder.makeFolder(kind + folder(false));
    }
    StringBuilder text = new StringBuilder("Idx\tRatio\tTrain\tVal\tStuff\tName\n");
    for (int label = 0; label < spec.classes(); label++) {
      line(text, label + 1, 0, spec.names().get(label));
    }
    line(text, spec.classes() + 1, 1, GROUND);
    folder.write("objectInfo150.txt", text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void line(StringBuilder text, int value, int stuff, String name) {
    text.append(
        "%d\t0\t%d\t%d\t%d\t%s\n"
            .formatted(value, spec.trainImages(), spec.valImages(), stuff, name));
  }

  private static String folder(boolean train) {
    return train ? "training" : "validation";
  }

  @Override
  public void paint(GeneratedFolder folder, JpegEncoder encoder, int picture) throws IOException {
    SceneSpec.Place place = spec.place(picture);
    Scene scene = ScenePainter.paint(spec, spec.seed(place));
    String name =
        "%s/ADE_%s_%08d"
            .formatted(folder(place.train()), place.train() ? "train" : "val", place.index() + 1);
    folder.write(
        "images/" + name + ".jpg",
        encoder.encode(scene.image(), CocoScenes.quality(spec.seed(place))));
    folder.write("annotations/" + name + ".png", PngEncoder.encode(labels(scene)));
  }

  private LabelMap labels(Scene scene) {
    byte[] values = new byte[scene.owners().length];
    for (int i = 0; i < values.length; i++) {
      int owner = scene.owners()[i];
      int value =
          switch (owner) {
            case Scene.OTHER -> OTHER;
            case Scene.GROUND -> spec.classes() + 1;
            default -> 1 + scene.things().get(owner).label();
          };
      values[i] = (byte) value;
    }
    return new LabelMap(scene.image().width(), scene.image().height(), values);
  }

  @Override
  public void end(GeneratedFolder folder) {}
}
