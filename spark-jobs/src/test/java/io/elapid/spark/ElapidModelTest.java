package io.elapid.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.Retention;
import io.elapid.checkpoint.WeightFile;
import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.it.NanoModel;
import io.elapid.predict.Answer;
import io.elapid.predict.EncodedPicture;
import io.elapid.predict.FoundObject;
import io.elapid.predict.PixelMask;
import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import io.elapid.worker.UntrainedNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks that find something within pictures, in columns. */
final class ElapidModelTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("path", DataTypes.StringType, false)
          .add("content", DataTypes.BinaryType, true);

  @TempDir static Path folder;
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static List<EncodedPicture> pictures() {
    List<EncodedPicture> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(new EncodedPicture("p" + i, png(i)));
    }
    all.add(new EncodedPicture("broken", new byte[] {1, 2, 3}));
    return all;
  }

  private static byte[] png(int seed) {
    int width = seed % 2 == 0 ? 80 : 40;
    int height = 60;
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3 % width * (seed + 2) + i / 9 / width * 7 * (i % 3));
    }
    return PngEncoder.encode(new Image(width, height, rgb));
  }

  private static Dataset<Row> rows(List<EncodedPicture> pictures) {
    List<Row> rows = new ArrayList<>();
    pictures.forEach(picture -> rows.add(RowFactory.create(picture.name(), picture.bytes())));
    rows.add(RowFactory.create("absent", null));
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static String saved(UntrainedNetwork network) throws Exception {
    Path file = Files.createTempDirectory(folder, "weights").resolve(network + ".safetensors");
    WeightFile.create(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()))
        .write(network.weights());
    return file.toString();
  }

  @ParameterizedTest
  @EnumSource
  void columnsHoldWhatAPredictorSaysHoweverRowsAreSpread(UntrainedNetwork network)
      throws Exception {
    List<EncodedPicture> pictures = pictures();
    String path = saved(network);
    List<String> expected = new ArrayList<>();
    try (Predictor predictor = Predictor.load(path)) {
      predictor.predict(pictures).forEach(said -> expected.add(told(said)));
    }
    expected.add("absent null there is no picture");
    assertThat(expected).doesNotHaveDuplicates();
    PipelineStage[] stages = {ElapidModel.of(path).setBatchSize(1)};
    Dataset<Row> input = rows(pictures);
    String stored = folder.resolve(network + "-pipeline").toString();
    new Pipeline().setStages(stages).fit(input).write().save(stored);
    PipelineModel pipeline = PipelineModel.load(stored);
    for (int partitions : new int[] {1, 3}) {
      Dataset<Row> output = pipeline.transform(input.repartition(partitions));
      assertThat(output.schema()).isEqualTo(pipeline.transformSchema(SCHEMA));
      assertThat(output.collectAsList().stream().map(row -> told(row, network)))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    input.createOrReplaceTempView("pictures");
    spark.udf().register("found", ElapidModel.of(path).function(spark));
    boolean pixels = network == UntrainedNetwork.SEMANTIC_FPN;
    String all = pixels ? "inline(%s.classes)" : "inline(%s)";
    List<Row> inSql =
        spark.sql("select " + all.formatted("found(content)") + " from pictures").collectAsList();
    assertThat(inSql.stream().map(Row::toString))
        .hasSizeGreaterThan(pictures.size())
        .containsExactlyElementsOf(
            pipeline
                .transform(input)
                .selectExpr(all.formatted("prediction"))
                .collectAsList()
                .stream()
                .map(Row::toString)
                .toList());
  }

  private static String told(Prediction said) {
    String found = "null";
    if (said.problem() == null) {
      found =
          said.answer() instanceof Answer.Labels labels
              ? labels.map().hashCode() + " " + labels.shares()
              : said.objects().toString();
    }
    return "%s %s %s".formatted(said.path(), found, said.problem());
  }

  /** A row as a prediction is told. */
  private static String told(Row row, UntrainedNetwork network) {
    String found = "null";
    if (!row.isNullAt(2)) {
      found =
          network == UntrainedNetwork.SEMANTIC_FPN
              ? labels(row.getStruct(2))
              : row.<Row>getList(2).stream().map(ElapidModelTest::object).toList().toString();
    }
    return "%s %s %s".formatted(row.getString(0), found, row.getString(3));
  }

  private static FoundObject object(Row row) {
    Row box = row.getStruct(0);
    Row mask = row.getStruct(4);
    return new FoundObject(
        row.getInt(2),
        row.getString(3),
        row.getDouble(1),
        box.getDouble(0),
        box.getDouble(1),
        box.getDouble(2),
        box.getDouble(3),
        Optional.ofNullable(mask)
            .map(m -> new PixelMask(m.getInt(0), m.getInt(1), m.getString(2))));
  }

  private static String labels(Row row) {
    try {
      LabelMap map = ImageCodec.decodeLabels(row.getAs("png"));
      assertThat(row.<Integer>getAs("width")).isEqualTo(map.width());
      assertThat(row.<Integer>getAs("height")).isEqualTo(map.height());
      List<Prediction.Candidate> shares =
          row.<Row>getList(3).stream()
              .map(c -> new Prediction.Candidate(c.getInt(1), c.getString(0), c.getDouble(2)))
              .toList();
      return map.hashCode() + " " + shares;
    } catch (UnreadableImageException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void answersAreThoseOfARunsNewestCheckpointEvenIfTheRunDeletesIt() throws Exception {
    Path run = folder.resolve("run");
    CheckpointStore store =
        new CheckpointStore(
            new Configuration(), new org.apache.hadoop.fs.Path(run.toUri() + "/checkpoints"));
    List<String> answers = new ArrayList<>();
    for (int step = 1; step <= 2; step++) {
      CheckpointMeta meta =
          new CheckpointMeta(NanoModel.NAME, 4, 64, step, 0, List.of(), Map.of(), "", Map.of());
      store.write(meta, NanoModel.tensors(4, 10 * step), List.of(), List.of());
      answers.add(
          ElapidModel.of(run.toString())
              .transform(rows(pictures().subList(0, 1)))
              .select("prediction")
              .head()
              .toString());
    }
    assertThat(answers).doesNotHaveDuplicates();

    // four are all classes, but such a network is not in the process yet
    Dataset<Row> later =
        ElapidModel.of(run.toString()).setTopK(4).transform(rows(pictures().subList(0, 1)));
    CheckpointMeta next =
        new CheckpointMeta(NanoModel.NAME, 4, 64, 3, 0, List.of(), Map.of(), "", Map.of());
    store.write(next, NanoModel.tensors(4, 30), List.of(), List.of());
    store.retain(Retention.newest(1), 3);
    assertThat(later.select("prediction").head().toString()).isEqualTo(answers.get(1));
  }

  @Test
  void imagesWithoutPixelsStopNothing() throws Exception {
    StructType image =
        new StructType()
            .add("height", DataTypes.IntegerType)
            .add("width", DataTypes.IntegerType)
            .add("nChannels", DataTypes.IntegerType)
            .add("data", DataTypes.BinaryType);
    List<Row> rows =
        List.of(
            RowFactory.create(RowFactory.create(1, 1, 3, null)),
            RowFactory.create(RowFactory.create(null, 1, 3, new byte[3])));
    Dataset<Row> input = spark.createDataFrame(rows, new StructType().add("image", image));
    List<Row> answers =
        ElapidModel.of(saved(UntrainedNetwork.RETINA_NET))
            .setInputCol("image")
            .transform(input)
            .select("prediction", "prediction_error")
            .collectAsList();
    assertThat(answers)
        .hasSize(2)
        .allMatch(row -> row.isNullAt(0) && row.getString(1).contains("there is no picture"));
  }

  @Test
  void schemasOfTasksDiffer() throws Exception {
    assertThat(type(UntrainedNetwork.RETINA_NET))
        .isEqualTo(type(UntrainedNetwork.MASK_RCNN))
        .isEqualTo(
            "array<struct<box:struct<x1:double,y1:double,x2:double,y2:double>,score:double,"
                + "class:int,name:string,mask:struct<width:int,height:int,counts:string>>>");
    assertThat(type(UntrainedNetwork.SEMANTIC_FPN))
        .isEqualTo(
            "struct<width:int,height:int,png:binary,"
                + "classes:array<struct<name:string,class:int,share:double>>>");
    assertThatThrownBy(() -> new ElapidModel().transformSchema(SCHEMA))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no model");
  }

  private static String type(UntrainedNetwork network) throws Exception {
    Path file = folder.resolve(network + "-schema.safetensors");
    WeightFile.create(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()))
        .write(network.weights());
    return ElapidModel.of(file.toString())
        .transformSchema(SCHEMA)
        .apply("prediction")
        .dataType()
        .catalogString();
  }
}
