package io.elapid.worker;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.RDDBarrier;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceProfile;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Runs one {@link RankBody} per rank, all at once or not at all, as a Spark barrier stage.
 *
 * <p>Beside {@link Placement} the one class that touches Scala types: Spark has no Java interface
 * to barrier execution.
 */
public final class BarrierStage {
  private static final ClassTag<String> TEXT = ClassTag$.MODULE$.apply(String.class);

  private BarrierStage() {}

  /**
   * Starts {@code ranks} tasks together and returns their results in rank order.
   *
   * @param profile what each of them gets, see {@link RankResources}
   *     <p>When any rank fails, Spark stops the others and this throws Spark's (checked)
   *     SparkException.
   */
  public static List<String> run(
      JavaSparkContext spark, int ranks, ResourceProfile profile, RankBody body) {
    List<Integer> numbers = IntStream.range(0, ranks).boxed().toList();
    RDDBarrier<Integer> barrier = spark.parallelize(numbers, ranks).rdd().barrier();
    RDD<String> results = barrier.mapPartitions(new RankFunction(body), false, TEXT);
    boolean special = profile.id() != ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID();
    return (special ? results.withResources(profile) : results).toJavaRDD().collect();
  }

  private static final class RankFunction
      extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final RankBody body;

    RankFunction(RankBody body) {
      this.body = body;
    }

    @Override
    public Iterator<String> apply(Iterator<Integer> numbers) {
      try {
        String result = body.run(new TaskRank(BarrierTaskContext.get()));
        return JavaConverters.asScalaIterator(Collections.singletonList(result).iterator());
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  private record TaskRank(BarrierTaskContext task) implements RankContext {
    @Override
    public int rank() {
      return task.partitionId();
    }

    @Override
    public int size() {
      return task.getTaskInfos().length;
    }

    @Override
    public String host() {
      String address = task.getTaskInfos()[rank()].address();
      int colon = address.lastIndexOf(':');
      return colon < 0 ? address : address.substring(0, colon);
    }

    @Override
    public String executor() {
      return SparkEnv.get().executorId();
    }

    @Override
    public List<String> gpus() {
      ResourceInformation gpus = task.resourcesJMap().get(RankResources.GPU);
      return gpus == null ? List.of() : List.of(gpus.addresses());
    }

    @Override
    public Optional<String> property(String name) {
      SparkConf conf = SparkEnv.get().conf();
      return conf.contains(name) ? Optional.of(conf.get(name)) : Optional.empty();
    }

    @Override
    public boolean cancelled() {
      return task.isInterrupted();
    }

    @Override
    public List<String> allGather(String mine) {
      return Arrays.asList(task.allGather(mine));
    }
  }
}
