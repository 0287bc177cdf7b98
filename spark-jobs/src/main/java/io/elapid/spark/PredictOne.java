package io.elapid.spark;

import io.elapid.predict.EncodedPicture;
import io.elapid.predict.Predictor;
import io.elapid.worker.MemoryAdvice;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.api.java.UDF1;

/** Asks about one encoded picture. */
record PredictOne(ModelSource source) implements UDF1<byte[], Object> {
  @Override
  public Object call(byte[] picture) throws Exception {
    if (picture == null) {
      return null;
    }
    return MemoryAdvice.ANSWERING.guarding(() -> answer(picture));
  }

  private Object answer(byte[] picture) throws IOException {
    Predictor predictor = SharedPredictors.ofThisProcess().acquire(source);
    try {
      return Answers.of(
          predictor.predict(List.of(new EncodedPicture("the picture", picture))).get(0));
    } finally {
      SharedPredictors.ofThisProcess().release(source);
    }
  }
}
