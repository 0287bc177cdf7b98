package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.Transform;
import io.elapid.data.augment.UnusablePictureException;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.SamplePictures;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardReader;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.Instances;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.TargetKind;
import io.elapid.observe.DatasetPage;
import io.elapid.observe.DatasetReport;
import io.elapid.observe.Drawing;
import io.elapid.observe.Thumbnail;
import io.elapid.observe.TruthPainter;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A page that shows what is in a prepared data set. Runs in this process. */
public final class InspectJob {
  private static final int VIEWS = 3;
  private static final int STRIPS = 8;
  private static final int SIZES = 2_000;

  /** Label maps have to be decoded to be counted; shards are in random order, so some will do. */
  private static final int LABEL_MAPS = 500;

  private static final long AUGMENTATION = 3;

  private final Configuration hadoop;
  private final Path dataset;
  private final Manifest manifest;
  private final String split;
  private final List<int[]> sizes = new ArrayList<>();
  private final long[] counts;
  private long samples;
  private long counted;

  /**
   * Of one split.
   *
   * @throws InputException if the data set is not finished or has no such split
   */
  public InspectJob(Configuration hadoop, Path dataset, String split) throws IOException {
    this.hadoop = hadoop;
    this.dataset = dataset;
    this.manifest = Manifest.read(hadoop, dataset);
    this.split = split;
    this.counts = new long[manifest.classes().size()];
    manifest.shards(split);
  }

  /**
   * Writes the page.
   *
   * @param pictures that are shown
   * @param pipeline what is done to them
   * @param seed of its draws
   * @throws InputException if the transforms do not go with this kind of data
   */
  public void run(Path page, int pictures, Pipeline pipeline, long seed, PrintStream say)
      throws IOException {
    List<Transform> unfit = pipeline.unfit(manifest.kind());
    if (!unfit.isEmpty()) {
      throw new InputException(
          "%s cannot be done to pictures of %s"
              .formatted(unfit.get(0), manifest.kind().name().toLowerCase(Locale.ROOT)),
          "name a recipe for this kind of data, or none");
    }
    count();
    DatasetReport report =
        new DatasetReport(
            manifest.dataset() + ", " + split,
            dataset.toString(),
            facts(),
            manifest.kind() == TargetKind.DETECTION ? "objects" : "pictures",
            bars(),
            sizes,
            shown(pictures, pipeline, seed, say),
            pipeline.transforms().stream().map(Object::toString).toList());
    DatasetPage.write(hadoop, page, report);
    say.printf(Locale.ROOT, "inspect: %,d samples of %s: %s%n", samples, split, page);
  }

  /** Everything that can be told without pictures, of all samples. */
  private void count() throws IOException {
    for (ShardSummary shard : manifest.shards(split)) {
      try (ShardReader reader = ShardReader.open(hadoop, new Path(dataset, shard.file()))) {
        for (int group = 0; group < reader.rowGroupRows().size(); group++) {
          boolean labels = manifest.kind() == TargetKind.SEGMENTATION && counted < LABEL_MAPS;
          for (Sample sample : labels ? reader.read(group) : reader.readWithoutFiles(group)) {
            count(sample);
          }
        }
      }
    }
  }

  private void count(Sample sample) throws IOException {
    samples++;
    if (sizes.size() < SIZES) {
      sizes.add(new int[] {sample.width(), sample.height()});
    }
    if (sample.target() instanceof ClassTarget target) {
      add(target.label());
      counted++;
    } else if (sample.target() instanceof ObjectTarget target) {
      target.annotations().forEach(a -> add(a.label()));
      counted++;
    } else if (sample.target() instanceof LabelMapTarget target
        && target.png().length > 0
        && counted < LABEL_MAPS) {
      counted++;
      long[] histogram = labels(sample, target).histogram();
      for (int label = 0; label < counts.length; label++) {
        counts[label] += histogram[label + 1] > 0 ? 1 : 0;
      }
    }
  }

  private LabelMap labels(Sample sample, LabelMapTarget target) throws IOException {
    try {
      return ImageCodec.decodeLabels(target.png());
    } catch (UnreadableImageException e) {
      throw SampleWords.unreadable(sample, e);
    }
  }

  private void add(int label) {
    if (label >= 0 && label < counts.length) {
      counts[label]++;
    }
  }

  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("samples", number(samples));
    facts.put("classes", number(counts.length));
    long bytes = manifest.shards(split).stream().mapToLong(ShardSummary::bytes).sum();
    facts.put("size", String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6));
    facts.put("shards", number(manifest.shards(split).size()));
    facts.put("set aside, all splits", number(manifest.quarantined()));
    facts.put("remarks, all splits", number(manifest.remarks()));
    if (counted < samples) {
      facts.put("classes counted in", number(counted) + " pictures");
    }
    return facts;
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private List<DatasetReport.Bar> bars() {
    List<DatasetReport.Bar> bars = new ArrayList<>();
    for (ClassLabel label : manifest.classes()) {
      bars.add(
          new DatasetReport.Bar(label.name(), counts[label.index()], Drawing.color(label.index())));
    }
    bars.sort(Comparator.comparingLong(DatasetReport.Bar::count).reversed());
    return bars;
  }

  private List<DatasetReport.Shown> shown(
      int pictures, Pipeline pipeline, long seed, PrintStream say) throws IOException {
    List<String> names = manifest.classes().stream().map(ClassLabel::name).toList();
    List<DatasetReport.Shown> shown = new ArrayList<>();
    try (TruthPainter painter = new TruthPainter(names, Drawing.PAGE_SIDE)) {
      for (Sample sample : FirstSamples.of(hadoop, dataset, manifest.shards(split), pictures)) {
        Pipeline strip = shown.size() < STRIPS ? pipeline : new Pipeline(List.of());
        long own = SplitMix.derive(seed, AUGMENTATION, shown.size());
        try {
          shown.add(shown(sample, painter, names, strip, own));
        } catch (UnreadableImageException | UnusablePictureException e) {
          say.printf("inspect: %s is not shown: %s%n", sample.id(), e.getMessage());
        }
      }
    }
    return shown;
  }

  private static DatasetReport.Shown shown(
      Sample sample, TruthPainter painter, List<String> names, Pipeline pipeline, long seed)
      throws IOException, UnreadableImageException {
    Annotated picture = SamplePictures.decode(sample, Instances.Parts.BOXES_AND_MASKS);
    List<Thumbnail> augmented = new ArrayList<>();
    for (int view = 0; view < VIEWS && !pipeline.transforms().isEmpty(); view++) {
      augmented.add(painter.painted(pipeline.apply(picture, SplitMix.derive(seed, view))));
    }
    return new DatasetReport.Shown(
        sample.id(),
        SampleWords.of(sample, names),
        key(picture, names),
        sample.width() + " x " + sample.height(),
        painter.painted(picture),
        augmented);
  }

  /** The labels of a picture, the largest first; none for pictures that are not labelled so. */
  private static List<DatasetReport.Bar> key(Annotated picture, List<String> names) {
    if (!(picture.truth() instanceof PixelClasses classes)) {
      return List.of();
    }
    long[] pixels = classes.labels().histogram();
    List<DatasetReport.Bar> key = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      key.add(new DatasetReport.Bar(names.get(label), pixels[label + 1], Drawing.color(label)));
    }
    key.add(new DatasetReport.Bar("ignored", pixels[LabelMap.IGNORED], 0));
    key.removeIf(label -> label.count() == 0);
    key.sort(Comparator.comparingLong(DatasetReport.Bar::count).reversed());
    return key;
  }
}
