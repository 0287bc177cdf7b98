package io.elapid.it;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.predict.Prediction;
import io.elapid.predict.Prediction.Candidate;
import io.elapid.spark.ElapidModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark program as a user of a model writes it: {@code MODEL PICTURES ANSWERS WORK}. Saves the
 * model as part of a pipeline, reads that again, and writes what it says as {@code elapid predict
 * --json} does; then asks again in SQL.
 */
public final class TransformProgram {
  private TransformProgram() {}

  public static void main(String[] words) throws Exception {
    try (SparkSession spark = SparkSession.builder().appName("pictures").getOrCreate()) {
      Dataset<Row> pictures =
          spark
              .read()
              .format("binaryFile")
              .option("recursiveFileLookup", "true")
              .load(words[1])
              .repartition(7);
      ElapidModel model = ElapidModel.of(words[0]).setTopK(3).setBatchSize(32);
      Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {model});
      pipeline.fit(pictures).write().overwrite().save(words[3]);
      PipelineModel loaded = PipelineModel.load(words[3]);
      List<Row> rows =
          loaded
              .transform(pictures)
              .select("path", "prediction", "prediction_error")
              .collectAsList();
      Files.writeString(Path.of(words[2]), lines(rows));
      spark.udf().register("classify", model.function(spark));
      pictures.createOrReplaceTempView("pictures");
      Row inSql =
          spark
              .sql(
                  "select sum(case when answer is null then 0 else 1 end), first(answer[0].label)"
                      + " from (select classify(content) as answer from pictures)")
              .first();
      System.out.printf("in SQL: %s answers, %s%n", inSql.get(0), inSql.get(1));
      int executors = spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
      System.out.printf("executors: %d%n", executors);
    }
  }

  private static String lines(List<Row> rows) throws Exception {
    JsonMapper json = new JsonMapper();
    StringBuilder lines = new StringBuilder();
    for (Row row : rows) {
      List<Candidate> candidates = new ArrayList<>();
      if (!row.isNullAt(1)) {
        for (Row answer : row.<Row>getList(1)) {
          candidates.add(new Candidate(answer.getInt(1), answer.getString(0), answer.getDouble(2)));
        }
      }
      Prediction prediction = new Prediction(row.getString(0), candidates, row.getString(2));
      lines.append(json.writeValueAsString(prediction)).append('\n');
    }
    return lines.toString();
  }
}
