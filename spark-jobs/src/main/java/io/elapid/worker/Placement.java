package io.elapid.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Ranks as rows that Spark sends to where each was before, if it can: there its data is open.
 *
 * <p>Touches Scala types: Spark has no Java interface to places.
 */
final class Placement {
  private static final ClassTag<Integer> NUMBER = ClassTag$.MODULE$.apply(Integer.class);

  private Placement() {}

  /** How Spark names an executor as a place. */
  static String of(String host, String executor) {
    return "executor_%s_%s".formatted(host, executor);
  }

  /**
   * The numbers of all ranks, each in a partition of its own.
   *
   * @param places of the ranks that have been somewhere
   */
  static JavaRDD<Integer> ranks(SparkContext spark, int ranks, Map<Integer, String> places) {
    List<Tuple2<Integer, Seq<String>>> rows = new ArrayList<>();
    IntStream.range(0, ranks)
        .forEach(
            rank -> {
              String place = places.get(rank);
              rows.add(new Tuple2<>(rank, scala(place == null ? List.of() : List.of(place))));
            });
    return spark.makeRDD(scala(rows), NUMBER).toJavaRDD();
  }

  private static <T> Seq<T> scala(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }
}
