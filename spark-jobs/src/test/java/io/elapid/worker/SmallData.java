package io.elapid.worker;

import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.ListedProblem;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.Progress;
import io.elapid.data.source.SceneForm;
import io.elapid.data.source.SceneSpec;
import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Generated pictures in shards, made without Spark. */
public final class SmallData {
  public static final int CLASSES = 4;
  static final int OBJECT_CLASSES = 2;

  /** Of pixels of generated pictures: the ground is one more. */
  static final int SCENE_CLASSES = OBJECT_CLASSES + 1;

  private static final Configuration CONF = new Configuration();

  private SmallData() {}

  /** Prepares {@code folder}/data and returns it. */
  public static Path prepare(java.nio.file.Path folder, int train, int validation)
      throws IOException {
    Path raw = new Path(folder.resolve("raw").toUri());
    ShapesSource.generate(
        CONF, raw, new ShapesSpec(train, validation, CLASSES, 48, 1), (done, total) -> {});
    ImageNetSource source = ImageNetSource.open(CONF, raw);
    return prepare(source, "imagenet", TargetKind.CLASSIFICATION, folder.resolve("data"));
  }

  /** Prepares 39 small pictures with label maps for training, 10 for validation. */
  static Path ofPixels(java.nio.file.Path folder) throws IOException {
    Path raw =
        new Path(
            java.nio.file.Path.of("../data-prep/src/test/resources/ade20k")
                .toAbsolutePath()
                .toUri());
    DataSource source = Ade20kSource.open(CONF, raw);
    return prepare(source, "ade20k", TargetKind.SEGMENTATION, folder.resolve("pixels"));
  }

  /**
   * Prepares generated pictures of several shapes, 64 pixels wide; {@code folder}/scenes has them.
   */
  static Path ofObjects(java.nio.file.Path folder, int train, int validation) throws IOException {
    Path raw = new Path(folder.resolve("scenes").toUri());
    generate(raw, train, validation, SceneForm.COCO);
    DataSource source = CocoSource.open(CONF, raw);
    return prepare(source, "coco", TargetKind.DETECTION, folder.resolve("objects"));
  }

  /** The same pictures with label maps; one more for validation. */
  static Path ofScenes(java.nio.file.Path folder, int train) throws IOException {
    Path raw = new Path(folder.resolve("scenes").toUri());
    generate(raw, train, 1, SceneForm.ADE20K);
    DataSource source = Ade20kSource.open(CONF, raw);
    return prepare(source, "ade20k", TargetKind.SEGMENTATION, folder.resolve("pixels"));
  }

  private static void generate(Path raw, int train, int validation, SceneForm form)
      throws IOException {
    SceneSpec spec = new SceneSpec(train, validation, OBJECT_CLASSES, 64, 1);
    ShapesSource.generate(CONF, raw, spec, form, Progress.NONE);
  }

  /** A training picture of those that {@link #ofObjects} made in that folder. */
  static java.nio.file.Path scene(java.nio.file.Path folder) throws IOException {
    try (Stream<java.nio.file.Path> files = Files.walk(folder.resolve("scenes"))) {
      return files
          .filter(file -> file.toString().contains("train") && file.toString().endsWith(".jpg"))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  private static Path prepare(
      DataSource source, String name, TargetKind kind, java.nio.file.Path folder)
      throws IOException {
    Path out = new Path(folder.toUri());
    Map<String, Map<String, List<Listed>>> samples = new TreeMap<>();
    for (ListingUnit unit : source.units()) {
      Map<String, List<Listed>> split =
          samples.computeIfAbsent(unit.split(), key -> new LinkedHashMap<>());
      try (Listing listing = source.list(CONF, unit)) {
        while (listing.hasNext()) {
          Listed next = listing.next();
          if (!(next instanceof ListedProblem)) {
            split.computeIfAbsent(next.id(), key -> new ArrayList<>()).add(next);
          }
        }
      }
    }
    Map<String, List<ShardSummary>> splits = new TreeMap<>();
    for (Map.Entry<String, Map<String, List<Listed>>> split : samples.entrySet()) {
      Path file = new Path(out, split.getKey() + "/" + ShardSummary.fileName(0, 1));
      splits.put(
          split.getKey(),
          List.of(
              ShardWriter.write(
                  CONF,
                  file,
                  kind,
                  split.getValue().values().stream().flatMap(List::stream).iterator(),
                  new ShardSettings(1 << 20, 16, ShardSettings.Check.STRUCTURE))));
    }
    new Manifest(
            Manifest.SCHEMA_VERSION,
            name,
            kind,
            source.classes(),
            splits,
            0,
            0,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            Map.of("seed", "1"))
        .write(CONF, out);
    return out;
  }
}
