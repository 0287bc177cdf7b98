package io.elapid.task.detection;

import io.elapid.box.AnchorLevel;
import io.elapid.box.Anchors;
import io.elapid.box.DenseLevel;
import io.elapid.data.image.Size;
import io.elapid.engine.Buffers;
import io.elapid.engine.Ports;
import io.elapid.nn.FeatureMap;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Names and shapes under which dense heads meet the engine. */
final class DensePorts {
  static final String LABELS = "labels.";
  private static final String COUNTED = "counted.";
  private static final String DELTAS = "deltas.";
  private static final String POSITIVE = "positive.";
  private static final String SCORES = "scores.";
  private static final String BOXES = "boxes.";

  private DensePorts() {}

  /** Declares what the levels are compared with; every name starts with {@code prefix}. */
  static List<DenseMaps.Wanted> wanted(Ports ports, String prefix, List<DenseMaps> maps) {
    List<DenseMaps.Wanted> wanted = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      FeatureMap deltas = maps.get(l).deltas();
      long anchors = deltas.channels() / 4;
      wanted.add(
          new DenseMaps.Wanted(
              ports.input(prefix + LABELS + l, shape(deltas, anchors)),
              ports.input(prefix + DELTAS + l, shape(deltas, deltas.channels())),
              ports.input(prefix + POSITIVE + l, shape(deltas, anchors))));
    }
    return wanted;
  }

  /** Declares which anchors count: 1 for these, (batch, anchors, height, width). */
  static List<SDVariable> counted(Ports ports, String prefix, List<DenseMaps> maps) {
    List<SDVariable> counted = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      FeatureMap deltas = maps.get(l).deltas();
      counted.add(ports.input(prefix + COUNTED + l, shape(deltas, deltas.channels() / 4)));
    }
    return counted;
  }

  /** Writes what {@link #counted} declared. */
  static void writeCounted(Buffers inputs, String prefix, DenseTargets targets) {
    for (int l = 0; l < targets.levels().size(); l++) {
      inputs.floats(prefix + COUNTED + l).put(targets.levels().get(l).counted());
    }
  }

  private static long[] shape(FeatureMap map, long channels) {
    return new long[] {map.batch(), channels, map.height(), map.width()};
  }

  /** Writes what {@link #wanted} declared. */
  static void write(Buffers inputs, String prefix, DenseTargets targets) {
    for (int l = 0; l < targets.levels().size(); l++) {
      DenseTargets.Level level = targets.levels().get(l);
      inputs.floats(prefix + LABELS + l).put(level.labels());
      inputs.floats(prefix + DELTAS + l).put(level.deltas());
      inputs.floats(prefix + POSITIVE + l).put(level.positive());
    }
  }

  /** Sizes of the levels, by arrays of (batch, channels, height, width). */
  static List<Size> maps(Buffers buffers, String prefix, int levels) {
    List<Size> maps = new ArrayList<>();
    for (int l = 0; l < levels; l++) {
      long[] shape = buffers.shape(prefix + l);
      maps.add(new Size((int) shape[3], (int) shape[2]));
    }
    return maps;
  }

  /** Gives out what a head says. */
  static void give(Ports ports, List<DenseMaps> maps) {
    for (int l = 0; l < maps.size(); l++) {
      FeatureMap logits = maps.get(l).logits();
      FeatureMap deltas = maps.get(l).deltas();
      ports.output(SCORES + l, logits.value(), shape(logits, logits.channels()));
      ports.output(BOXES + l, deltas.value(), shape(deltas, deltas.channels()));
    }
  }

  /** What {@link #give} gave out. */
  record Answers(Buffers outputs, Anchors anchors, List<Size> maps, int classes) {
    static Answers of(Buffers outputs, Anchors anchors, int classes) {
      return new Answers(
          outputs, anchors, DensePorts.maps(outputs, SCORES, anchors.levels().size()), classes);
    }

    /** Of one picture. */
    List<DenseLevel> levels(int image) {
      List<DenseLevel> levels = new ArrayList<>();
      for (int l = 0; l < maps.size(); l++) {
        AnchorLevel level = anchors.levels().get(l);
        Size map = maps.get(l);
        int values = level.perCell() * map.width() * map.height();
        levels.add(
            new DenseLevel(
                level,
                map,
                classes,
                part(SCORES + l, image, values * classes),
                part(BOXES + l, image, values * 4)));
      }
      return levels;
    }

    private float[] part(String name, int image, int length) {
      float[] part = new float[length];
      outputs.floats(name).get(image * length, part);
      return part;
    }
  }
}
