package io.elapid.notebook;

import io.elapid.analysis.Pictures;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.image.Image;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.SamplePictures;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.Instances;
import io.elapid.job.FirstSamples;
import io.elapid.job.SampleWords;
import io.elapid.observe.Html;
import io.elapid.observe.TruthPainter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A data set in shards, to be asked and looked at. */
public final class PreparedData {
  private static final int SIDE = 220;

  private final SparkSession spark;
  private final Path root;
  private final Manifest manifest;

  private PreparedData(SparkSession spark, Path root, Manifest manifest) {
    this.spark = spark;
    this.root = root;
    this.manifest = manifest;
  }

  static PreparedData open(SparkSession spark, String path) throws IOException {
    Path root = new Path(path);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    return new PreparedData(spark, root, Manifest.read(hadoop, root));
  }

  /** Where it lies. */
  public String path() {
    return root.toString();
  }

  /** classification, detection or segmentation. */
  public String kind() {
    return manifest.kind().name().toLowerCase(Locale.ROOT);
  }

  /** Names of the classes by index. */
  public List<String> classes() {
    return manifest.classes().stream().map(ClassLabel::name).toList();
  }

  /** How many pictures a split has. */
  public long count(String split) {
    return manifest.rows(split);
  }

  /**
   * One row per picture: {@code id}, {@code width}, {@code height}, {@code format}, {@code source},
   * the encoded {@code image}, and {@code label}, {@code annotations} or {@code label_map}.
   */
  public Dataset<Row> rows(String split) {
    manifest.shards(split);
    return spark.read().parquet(new Path(root, split).toString());
  }

  /** One row per class: {@code label} and {@code name}. */
  public Dataset<Row> classTable() {
    StructType schema =
        new StructType()
            .add("label", DataTypes.IntegerType, false)
            .add("name", DataTypes.StringType, false);
    return spark.createDataFrame(
        manifest.classes().stream()
            .map(label -> RowFactory.create(label.index(), label.name()))
            .toList(),
        schema);
  }

  /**
   * One row per thing that is to be learnt: {@code id} of the picture, {@code label}, and {@code
   * area} in pixels. Of classified pictures that is the picture, of objects each that is no crowd,
   * of label maps each class that occurs.
   */
  public Dataset<Row> things(String split) {
    Dataset<Row> rows = rows(split);
    return switch (manifest.kind()) {
      case CLASSIFICATION -> rows.selectExpr("id", "label", "cast(width * height as double) area");
      case DETECTION ->
          rows.selectExpr("id", "explode(annotations) as one")
              .where("not one.iscrowd and one.label >= 0")
              .selectExpr("id", "one.label as label", "one.area as area");
      case SEGMENTATION ->
          rows.select("id", "label_map").flatMap(new LabelAreas(), Encoders.row(LabelAreas.SCHEMA));
    };
  }

  /** Some pictures with their boxes, masks or labels drawn, and the words for them. */
  public Display grid(String split, int count) throws IOException {
    List<String> names = classes();
    StringBuilder html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap;gap:10px\">");
    try (TruthPainter painter = new TruthPainter(names, SIDE)) {
      for (Sample sample : samples(split, count)) {
        html.append(
            Html.format(
                "<figure style=\"margin:0;width:%dpx\"><img src=\"%s\" alt=\"%s\"/>"
                    + "<figcaption style=\"font-size:12px\"><b>%s</b><br/>%d x %d pixels, %s"
                    + "</figcaption></figure>",
                SIDE,
                painter.painted(decoded(sample)).dataUri(),
                sample.id(),
                words(sample, names),
                sample.width(),
                sample.height(),
                sample.id()));
      }
    }
    return Display.html(html.append("</div>").toString());
  }

  private static String words(Sample sample, List<String> names) {
    try {
      return SampleWords.of(sample, names);
    } catch (UnreadableImageException e) {
      throw SampleWords.unreadable(sample, e);
    }
  }

  /**
   * The middle squares of some pictures as a network takes them.
   *
   * @param side of the squares in pixels
   */
  public Pictures pictures(String split, int count, int side) throws IOException {
    List<Sample> samples = samples(split, count);
    ResizeShortSide resize = new ResizeShortSide(side, Interpolation.BICUBIC);
    CenterCrop crop = new CenterCrop(side);
    float[] table = Normalization.imageNet().table();
    int each = Image.CHANNELS * side * side;
    float[] values = new float[samples.size() * each];
    for (int i = 0; i < samples.size(); i++) {
      Image image = crop.apply(resize.apply(decoded(samples.get(i)).image(), 0), 0);
      Normalization.write(image, table, FloatBuffer.wrap(values), i * each);
    }
    return new Pictures(samples.size(), side, side, values);
  }

  private List<Sample> samples(String split, int count) throws IOException {
    return FirstSamples.of(
        spark.sessionState().newHadoopConf(), root, manifest.shards(split), count);
  }

  private static Annotated decoded(Sample sample) {
    try {
      return SamplePictures.decode(sample, Instances.Parts.BOXES_AND_MASKS);
    } catch (UnreadableImageException e) {
      throw SampleWords.unreadable(sample, e);
    }
  }
}
