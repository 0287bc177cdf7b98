package io.elapid.notebook;

import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.UnreadableImageException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** From a label map to the pixels of every class in it. */
record LabelAreas() implements FlatMapFunction<Row, Row> {
  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("label", DataTypes.IntegerType, false)
          .add("area", DataTypes.DoubleType, false);

  @Override
  public Iterator<Row> call(Row row) throws UnreadableImageException {
    long[] histogram = ImageCodec.decodeLabels((byte[]) row.get(1)).histogram();
    List<Row> areas = new ArrayList<>();
    // 0 is "other", the last what is not to be learnt
    for (int value = 1; value < LabelMap.IGNORED; value++) {
      if (histogram[value] > 0) {
        areas.add(RowFactory.create(row.getString(0), value - 1, (double) histogram[value]));
      }
    }
    return areas.iterator();
  }
}
