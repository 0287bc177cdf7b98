package io.elapid.spark;

import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import io.elapid.worker.MemoryAdvice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** Adds answers to the rows of a partition, some at a time. */
record PredictPartition(ModelSource source, PictureColumn column)
    implements MapPartitionsFunction<Row, Row> {
  /** Of pictures that wait together. */
  private static final long MOST_BYTES = 64L << 20;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws Exception {
    if (!rows.hasNext()) {
      return rows;
    }
    SharedPredictors shared = SharedPredictors.ofThisProcess();
    Predictor predictor = MemoryAdvice.ANSWERING.guarding(() -> shared.acquire(source));
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
      List<Row> read = new ArrayList<>();
      long bytes = 0;
      while (read.size() < source.together() && bytes < MOST_BYTES && rows.hasNext()) {
        Row row = rows.next();
        read.add(row);
        bytes += column.bytes(row);
      }
      Row[] done = new Row[read.size()];
      try {
        predictor.predict(
            read.stream().map(column::picture).toList(),
            (index, prediction) -> done[index] = withAnswer(read.get(index), prediction));
      } catch (Throwable failure) {
        MemoryAdvice.ANSWERING.throwInstead(failure);
        throw failure;
      }
      answered.addAll(Arrays.asList(done));
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
