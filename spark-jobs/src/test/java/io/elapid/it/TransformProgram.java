package io.elapid.it;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.spark.ElapidModel;
import io.elapid.worker.PictureAnswer;
import io.elapid.worker.PictureAnswer.Candidate;
import io.elapid.worker.PictureAnswer.Place;
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
 * A Spark program as a user of models writes it: {@code WORK (MODEL PICTURES ANSWERS)...}. Saves
 * each model as part of a pipeline, reads that again, and writes what it says as {@code elapid
 * predict --json} does; then asks the first in SQL about the last pictures. Says how long that
 * took.
 */
public final class TransformProgram {
  private static final int TOP = 3;

  private TransformProgram() {}

  public static void main(String[] words) throws Exception {
    try (SparkSession spark = SparkSession.builder().appName("pictures").getOrCreate()) {
      for (int i = 1; i < words.length; i += 3) {
        long begun = System.nanoTime();
        Dataset<Row> pictures = pictures(spark, words[i + 1]);
        String pipeline = words[0] + "-" + i;
        List<Row> rows = transformed(ElapidModel.of(words[i]), pictures, pipeline);
        Files.writeString(Path.of(words[i + 2]), lines(rows));
        say("transformed", begun);
      }
      long begun = System.nanoTime();
      spark.udf().register("classify", ElapidModel.of(words[1]).function(spark));
      pictures(spark, words[words.length - 2]).createOrReplaceTempView("pictures");
      Row inSql =
          spark
              .sql(
                  "select sum(case when answer is null then 0 else 1 end), first(answer[0].label)"
                      + " from (select classify(content) as answer from pictures)")
              .first();
      System.out.printf("in SQL: %s answers, %s%n", inSql.get(0), inSql.get(1));
      say("in SQL", begun);
      int executors = spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
      System.out.printf("executors: %d%n", executors);
    }
  }

  private static void say(String what, long begun) {
    System.out.printf("seconds %s: %.1f%n", what, (System.nanoTime() - begun) / 1e9);
  }

  private static Dataset<Row> pictures(SparkSession spark, String folder) {
    return spark
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", "true")
        .load(folder)
        .repartition(7);
  }

  private static List<Row> transformed(ElapidModel model, Dataset<Row> pictures, String saved)
      throws Exception {
    PipelineStage[] stages = {model.setTopK(TOP).setBatchSize(32)};
    new Pipeline().setStages(stages).fit(pictures).write().overwrite().save(saved);
    return PipelineModel.load(saved)
        .transform(pictures)
        .select("path", "prediction", "prediction_error")
        .collectAsList();
  }

  private static String lines(List<Row> rows) throws Exception {
    JsonMapper json = new JsonMapper();
    StringBuilder lines = new StringBuilder();
    for (Row row : rows) {
      List<Candidate> candidates = new ArrayList<>();
      if (!row.isNullAt(1)) {
        List<Row> answers = row.getList(1);
        for (Row answer : answers.subList(0, Math.min(TOP, answers.size()))) {
          candidates.add(candidate(answer));
        }
      }
      PictureAnswer told = new PictureAnswer(row.getString(0), candidates, row.getString(2));
      lines.append(json.writeValueAsString(told)).append('\n');
    }
    return lines.toString();
  }

  private static Candidate candidate(Row answer) {
    if (!List.of(answer.schema().fieldNames()).contains("box")) {
      return new Candidate(answer.getInt(1), answer.getString(0), answer.getDouble(2), null);
    }
    Row box = answer.getStruct(0);
    double width = box.getDouble(2) - box.getDouble(0);
    double height = box.getDouble(3) - box.getDouble(1);
    Place place = new Place(box.getDouble(0), box.getDouble(1), width, height, null);
    return new Candidate(answer.getInt(2), answer.getString(3), answer.getDouble(1), place);
  }
}
