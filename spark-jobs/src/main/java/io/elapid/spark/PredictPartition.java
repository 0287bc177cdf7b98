package io.elapid.spark;

import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** Adds answers to the rows of a partition, a batch at a time. */
record PredictPartition(ModelSource source, PictureColumn column)
    implements MapPartitionsFunction<Row, Row> {

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws Exception {
    if (!rows.hasNext()) {
      return rows;
    }
    SharedPredictors shared = SharedPredictors.ofThisProcess();
    Predictor predictor = shared.acquire(source);
    TaskCompletionListener giveBack = task -> shared.release(source);
    TaskContext.get().addTaskCompletionListener(giveBack);
    return new Answered(rows, predictor);
  }

  private final class Answered implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Predictor predictor;
    private final Queue<Row> answered = new ArrayDeque<>();

    Answered(Iterator<Row> rows, Predictor predictor) {
      this.rows = rows;
      this.predictor = predictor;
    }

    @Override
    public boolean hasNext() {
      return !answered.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (answered.isEmpty()) {
        answer();
      }
      return answered.remove();
    }

    private void answer() {
      List<Row> batch = new ArrayList<>();
      while (batch.size() < source.key().batch() && rows.hasNext()) {
        batch.add(rows.next());
      }
      List<Prediction> predictions =
          predictor.predict(batch.stream().map(column::picture).toList());
      for (int i = 0; i < batch.size(); i++) {
        answered.add(withAnswer(batch.get(i), predictions.get(i)));
      }
    }

    private static Row withAnswer(Row row, Prediction prediction) {
      Object[] values = new Object[row.length() + 2];
      for (int i = 0; i < row.length(); i++) {
        values[i] = row.get(i);
      }
      values[row.length()] = Answers.of(prediction);
      values[row.length() + 1] = prediction.problem();
      return RowFactory.create(values);
    }
  }
}
