package io.elapid.spark;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.data.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Asks a network about the pictures of a column: {@code
 * ElapidModel.of("hdfs:///models/m1").transform(spark.read().format("binaryFile").load("pictures"))}.
 *
 * <p>The input column holds encoded pictures (binary, as {@code binaryFile} reads them) or the
 * structs of Spark's {@code image} source. The type of the output column is that of the network's
 * task:
 *
 * <ul>
 *   <li>of classifiers the likeliest classes, best first: {@code array<struct<label: string, index:
 *       int, probability: double>>};
 *   <li>of detectors what was found, the surest first: {@code array<struct<box: struct<x1, y1, x2,
 *       y2: double>, score: double, class: int, name: string, mask: struct<width: int, height: int,
 *       counts: string>>>}. Edges are in pixels of the upright picture; masks, null where only
 *       boxes are found, are run lengths in the text form of COCO;
 *   <li>of networks that classify pixels {@code struct<width: int, height: int, png: binary,
 *       classes: array<struct<name: string, class: int, share: double>>>}: a grey 8-bit PNG of the
 *       upright picture's size with a class index in every pixel, and the classes in it with their
 *       share of the pixels, the largest first.
 * </ul>
 *
 * <p>A picture that cannot be read has null there and the reason in the error column, which is null
 * otherwise; no picture stops a job. Answers depend on the picture alone, not on partitions or
 * executors.
 *
 * <p>The model must lie where every executor reads it. Saving a pipeline saves the path, not the
 * weights.
 */
public final class ElapidModel extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> modelPath;
  private final Param<String> variant;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> errorCol;
  private final IntParam topK;
  private final IntParam batchSize;
  private final IntParam threads;
  private transient OpenedModel opened;

  /** A model whose path is yet to be set. */
  public ElapidModel() {
    this(Identifiable$.MODULE$.randomUID("elapidModel"));
  }

  /** For Spark, which gives saved stages their old name. */
  public ElapidModel(String uid) {
    this.uid = uid;
    this.modelPath =
        new Param<>(this, "modelPath", "an exported model, a run or a checkpoint; a Hadoop path");
    this.variant =
        new Param<>(this, "variant", "model or ema: weights as trained or their moving average");
    this.inputCol = new Param<>(this, "inputCol", "column of encoded pictures or image structs");
    this.outputCol = new Param<>(this, "outputCol", "column of answers");
    this.errorCol = new Param<>(this, "errorCol", "column that says why there are none");
    this.topK =
        new IntParam(this, "topK", "classes per picture, of classifiers", ParamValidators.gt(0));
    this.batchSize =
        new IntParam(
            this,
            "batchSize",
            "pictures per forward pass of a classifier; of others an eighth of those that are sorted"
                + " by size together",
            ParamValidators.gt(0));
    this.threads =
        new IntParam(
            this,
            "threads",
            "threads of the network on an executor; 0 for one per core",
            ParamValidators.gtEq(0));
    setDefault(variant, "model");
    setDefault(inputCol, "content");
    setDefault(outputCol, "prediction");
    setDefault(errorCol, "prediction_error");
    setDefault(topK, 5);
    setDefault(batchSize, 32);
    setDefault(threads, 0);
  }

  /** The model at that path, to be applied to a column {@code content}. */
  public static ElapidModel of(String modelPath) {
    return new ElapidModel().setModelPath(modelPath);
  }

  /** Reads a stage that was saved. */
  public static ElapidModel load(String path) {
    return read().load(path);
  }

  /** For Spark, which reads the stages of pipelines with it. */
  public static MLReader<ElapidModel> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> modelPath() {
    return modelPath;
  }

  public Param<String> variant() {
    return variant;
  }

  public Param<String> inputCol() {
    return inputCol;
  }

  public Param<String> outputCol() {
    return outputCol;
  }

  public Param<String> errorCol() {
    return errorCol;
  }

  public IntParam topK() {
    return topK;
  }

  public IntParam batchSize() {
    return batchSize;
  }

  public IntParam threads() {
    return threads;
  }

  public ElapidModel setModelPath(String value) {
    set(modelPath, value);
    return this;
  }

  public ElapidModel setVariant(String value) {
    set(variant, value);
    return this;
  }

  public ElapidModel setInputCol(String value) {
    set(inputCol, value);
    return this;
  }

  public ElapidModel setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  public ElapidModel setErrorCol(String value) {
    set(errorCol, value);
    return this;
  }

  public ElapidModel setTopK(int value) {
    set(topK, value);
    return this;
  }

  public ElapidModel setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  public ElapidModel setThreads(int value) {
    set(threads, value);
    return this;
  }

  private <T> T value(Param<T> param) {
    return getOrDefault(param);
  }

  /**
   * The schema with the two columns added.
   *
   * @throws InputException if there is no such input column, it holds no pictures, a column to be
   *     added is there already, or there is no model
   */
  @Override
  public StructType transformSchema(StructType schema) {
    PictureColumn.of(schema, value(inputCol));
    for (String added : List.of(value(outputCol), value(errorCol))) {
      if (List.of(schema.fieldNames()).contains(added)) {
        throw new InputException(
            "there is a column %s already".formatted(added),
            "drop it, or name others: setOutputCol, setErrorCol");
      }
    }
    return schema
        .add(value(outputCol), Answers.type(source(SparkSession.active()).task()), true)
        .add(value(errorCol), DataTypes.StringType, true);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    PictureColumn column = PictureColumn.of(dataset.schema(), value(inputCol));
    PredictPartition predict = new PredictPartition(source(dataset.sparkSession()), column);
    return dataset.toDF().mapPartitions(predict, Encoders.row(schema));
  }

  /**
   * The model as a function of one encoded picture for SQL: {@code spark.udf().register("classify",
   * model.function(spark))}. Null for one that cannot be read.
   */
  public UserDefinedFunction function(SparkSession spark) {
    ModelSource source = source(spark).forSingle();
    return functions.udf(new PredictOne(source), Answers.type(source.task()));
  }

  private ModelSource source(SparkSession spark) {
    if (!isSet(modelPath)) {
      throw new InputException(uid + ": no model", "setModelPath names it");
    }
    Configuration hadoop = spark.sessionState().newHadoopConf();
    try {
      OpenedModel model = opened(spark.sparkContext(), hadoop);
      return new ModelSource(
          new SerializableConfiguration(hadoop),
          new ModelSource.Key(
              model.source(),
              model.modified(),
              model.variant(),
              (Integer) value(topK),
              (Integer) value(batchSize),
              (Integer) value(threads)),
          model.task(),
          model.recipe(),
          model.weights());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Weights are read once for a schema and for what has it. */
  private synchronized OpenedModel opened(SparkContext spark, Configuration hadoop)
      throws Exception {
    Path given = new Path(value(modelPath));
    if (opened == null || !opened.isStill(spark, hadoop, given, variantValue())) {
      opened = OpenedModel.open(spark, hadoop, given, variantValue());
    }
    return opened;
  }

  private ModelWeights.Variant variantValue() {
    try {
      return ModelWeights.Variant.valueOf(value(variant).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s: no such variant: %s".formatted(uid, value(variant)), "model or ema", e);
    }
  }

  @Override
  public ElapidModel copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
