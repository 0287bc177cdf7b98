package io.elapid.spark;

import io.elapid.config.TaskSpec;
import io.elapid.data.image.PngEncoder;
import io.elapid.predict.Answer;
import io.elapid.predict.FoundObject;
import io.elapid.predict.PixelMask;
import io.elapid.predict.Prediction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Predictions as Spark's values; every task has its type. */
final class Answers {
  /** The likeliest first. */
  private static final ArrayType CLASSES =
      array(
          new StructType()
              .add("label", DataTypes.StringType, false)
              .add("index", DataTypes.IntegerType, false)
              .add("probability", DataTypes.DoubleType, false));

  private static final StructType BOX =
      new StructType()
          .add("x1", DataTypes.DoubleType, false)
          .add("y1", DataTypes.DoubleType, false)
          .add("x2", DataTypes.DoubleType, false)
          .add("y2", DataTypes.DoubleType, false);

  private static final StructType MASK =
      new StructType()
          .add("width", DataTypes.IntegerType, false)
          .add("height", DataTypes.IntegerType, false)
          .add("counts", DataTypes.StringType, false);

  /** The surest first. */
  private static final ArrayType OBJECTS =
      array(
          new StructType()
              .add("box", BOX, false)
              .add("score", DataTypes.DoubleType, false)
              .add("class", DataTypes.IntegerType, false)
              .add("name", DataTypes.StringType, false)
              .add("mask", MASK, true));

  private static final StructType LABELS =
      new StructType()
          .add("width", DataTypes.IntegerType, false)
          .add("height", DataTypes.IntegerType, false)
          .add("png", DataTypes.BinaryType, false)
          .add(
              "classes",
              array(
                  new StructType()
                      .add("name", DataTypes.StringType, false)
                      .add("class", DataTypes.IntegerType, false)
                      .add("share", DataTypes.DoubleType, false)),
              false);

  private Answers() {}

  private static ArrayType array(StructType elements) {
    return DataTypes.createArrayType(elements, false);
  }

  static DataType type(TaskSpec.Type task) {
    return switch (task) {
      case CLASSIFICATION -> CLASSES;
      case OBJECT_DETECTION, INSTANCE_SEGMENTATION -> OBJECTS;
      case SEMANTIC_SEGMENTATION -> LABELS;
    };
  }

  /** Of the task's type; null for a picture that could not be read. */
  static Object of(Prediction prediction) {
    Answer answer = prediction.answer();
    if (answer instanceof Answer.Classes classes) {
      return classes.candidates().stream()
          .map(c -> RowFactory.create(c.name(), c.index(), c.probability()))
          .toArray(Row[]::new);
    }
    if (answer instanceof Answer.Objects objects) {
      return objects.found().stream().map(Answers::object).toArray(Row[]::new);
    }
    return answer instanceof Answer.Labels labels ? labels(labels) : null;
  }

  private static Row object(FoundObject found) {
    return RowFactory.create(
        RowFactory.create(found.x1(), found.y1(), found.x2(), found.y2()),
        found.score(),
        found.index(),
        found.name(),
        found.mask().map(Answers::mask).orElse(null));
  }

  private static Row mask(PixelMask mask) {
    return RowFactory.create(mask.width(), mask.height(), mask.counts());
  }

  private static Row labels(Answer.Labels labels) {
    return RowFactory.create(
        labels.map().width(),
        labels.map().height(),
        PngEncoder.encode(labels.map()),
        labels.shares().stream()
            .map(c -> RowFactory.create(c.name(), c.index(), c.probability()))
            .toArray(Row[]::new));
  }
}
