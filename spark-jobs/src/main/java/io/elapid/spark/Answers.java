package io.elapid.spark;

import io.elapid.predict.Prediction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Predictions as Spark's values. */
final class Answers {
  static final ArrayType TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("label", DataTypes.StringType, false)
              .add("index", DataTypes.IntegerType, false)
              .add("probability", DataTypes.DoubleType, false),
          false);

  private Answers() {}

  /** Null for a picture that could not be read. */
  static Row[] of(Prediction prediction) {
    if (prediction.problem() != null) {
      return null;
    }
    return prediction.candidates().stream()
        .map(c -> RowFactory.create(c.name(), c.index(), c.probability()))
        .toArray(Row[]::new);
  }
}
