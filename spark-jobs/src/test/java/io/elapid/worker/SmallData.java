package io.elapid.worker;

import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Generated pictures in shards, made without Spark. */
final class SmallData {
  static final int CLASSES = 4;
  private static final Configuration CONF = new Configuration();

  private SmallData() {}

  /** Prepares {@code folder}/data and returns it. */
  static Path prepare(java.nio.file.Path folder, int train, int validation) throws IOException {
    Path raw = new Path(folder.resolve("raw").toUri());
    Path out = new Path(folder.resolve("data").toUri());
    ShapesSource.generate(
        CONF, raw, new ShapesSpec(train, validation, CLASSES, 48, 1), (done, total) -> {});
    ImageNetSource source = ImageNetSource.open(CONF, raw);
    Map<String, List<SampleRef>> refs = new TreeMap<>();
    for (ListingUnit unit : source.units()) {
      List<SampleRef> split = refs.computeIfAbsent(unit.split(), name -> new ArrayList<>());
      try (Listing listing = source.list(CONF, unit)) {
        while (listing.hasNext()) {
          split.add((SampleRef) listing.next());
        }
      }
    }
    Map<String, List<ShardSummary>> splits = new TreeMap<>();
    for (Map.Entry<String, List<SampleRef>> split : refs.entrySet()) {
      Path file = new Path(out, split.getKey() + "/" + ShardSummary.fileName(0, 1));
      splits.put(
          split.getKey(),
          List.of(
              ShardWriter.write(
                  CONF,
                  file,
                  TargetKind.CLASSIFICATION,
                  split.getValue().iterator(),
                  new ShardSettings(1 << 20, 16, ShardSettings.Check.STRUCTURE))));
    }
    new Manifest(
            Manifest.SCHEMA_VERSION,
            "imagenet",
            TargetKind.CLASSIFICATION,
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
