package io.elapid.worker;

import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * Where a rank is in a stage whose tasks Spark runs and tries again one by one.
 *
 * @param task the calling thread's
 */
record TaskPlace(int rank, int size, TaskContext task) implements RankContext {

  /** The place of the calling thread. */
  static TaskPlace here(int rank, int size) {
    return new TaskPlace(rank, size, TaskContext.get());
  }

  @Override
  public String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  @Override
  public String executor() {
    return SparkEnv.get().executorId();
  }

  @Override
  public List<String> gpus() {
    return List.of();
  }

  /** One that makes ranks fail on purpose is not there for a task that is tried again. */
  @Override
  public Optional<String> property(String name) {
    boolean again = name.equals(Fault.PROPERTY) && task.attemptNumber() > 0;
    return again ? Optional.empty() : Optional.ofNullable(SparkEnv.get().conf().get(name, null));
  }

  @Override
  public boolean cancelled() {
    return task.isInterrupted();
  }

  @Override
  public List<String> allGather(String mine) {
    throw new UnsupportedOperationException("these ranks do not meet");
  }
}
