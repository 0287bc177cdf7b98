package io.elapid.task.detection;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.box.Anchors;
import io.elapid.box.Boxes;
import io.elapid.box.DenseLevel;
import io.elapid.box.PictureFrame;
import io.elapid.data.image.Size;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Pictures, objects and maps of golden cases, as heads take them. */
final class GoldenPictures {
  private GoldenPictures() {}

  static List<Size> maps(GoldenCase golden) {
    List<Size> maps = new ArrayList<>();
    for (int l = 0; l < golden.inputs("input."); l++) {
      long[] shape = golden.inputShape("input." + l);
      maps.add(new Size((int) shape[3], (int) shape[2]));
    }
    return maps;
  }

  /** Objects with the sizes that the pictures are padded to. */
  static List<Truths> truths(GoldenCase golden) {
    List<Truths> pictures = new ArrayList<>();
    for (int i = 0; i < golden.inputs("gt"); i++) {
      Boxes boxes = new Boxes(golden.input("gt" + i));
      int[] labels =
          golden.hasInput("labels" + i) ? golden.inputInts("labels" + i) : new int[boxes.size()];
      JsonNode padded = golden.param("pad_shape").get(i);
      pictures.add(
          new Truths(boxes, labels, new Size(padded.get(1).asInt(), padded.get(0).asInt())));
    }
    return pictures;
  }

  static PictureFrame picture(GoldenCase golden, int image) {
    JsonNode size = golden.param("img_shape").get(image);
    JsonNode scale = golden.param("scale_factor_wh").path(image);
    return new PictureFrame(
        size.get(1).asInt(),
        size.get(0).asInt(),
        (float) scale.path(0).asDouble(1),
        (float) scale.path(1).asDouble(1));
  }

  /** Targets as constants of a graph. */
  static List<DenseMaps.Wanted> wanted(
      Scope scope, DenseTargets targets, List<FeatureMap> maps, int perCell) {
    List<DenseMaps.Wanted> wanted = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      FeatureMap map = maps.get(l);
      DenseTargets.Level level = targets.levels().get(l);
      wanted.add(
          new DenseMaps.Wanted(
              constant(scope, level.labels(), map, perCell),
              constant(scope, level.deltas(), map, 4 * perCell),
              constant(scope, level.positive(), map, perCell)));
    }
    return wanted;
  }

  static SDVariable constant(Scope scope, float[] values, FeatureMap map, int channels) {
    return scope
        .graph()
        .constant(GoldenModule.array(values, map.batch(), channels, map.height(), map.width()));
  }

  /** What a head said of one picture, by the outputs {@code cls.l} and {@code reg.l}. */
  static List<DenseLevel> levels(
      GoldenCase golden, GoldenModule module, Anchors anchors, int image, int classes) {
    List<DenseLevel> levels = new ArrayList<>();
    List<Size> maps = maps(golden);
    int batch = (int) golden.inputShape("input.0")[0];
    for (int l = 0; l < maps.size(); l++) {
      levels.add(
          new DenseLevel(
              anchors.levels().get(l),
              maps.get(l),
              classes,
              part(module.output("cls." + l), image, batch),
              part(module.output("reg." + l), image, batch)));
    }
    return levels;
  }

  static float[] part(float[] all, int image, int batch) {
    int length = all.length / batch;
    return Arrays.copyOfRange(all, image * length, (image + 1) * length);
  }
}
