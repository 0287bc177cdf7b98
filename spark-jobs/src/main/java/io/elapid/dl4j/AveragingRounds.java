package io.elapid.dl4j;

import java.nio.ByteBuffer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;

/**
 * A state that workers train apart from each other, in rounds, DL4J averaging the workers' states
 * after each. All count alike.
 */
public final class AveragingRounds implements AutoCloseable {
  private final SparkComputationGraph graph;
  private final RoundMaster master;
  private final int most;

  /**
   * @param length of the state, in floats
   * @param most steps of a round
   */
  public AveragingRounds(
      JavaSparkContext spark, int workers, int length, int most, StateStep step) {
    this.most = most;
    this.master = new RoundMaster(workers, most);
    this.graph = new SparkComputationGraph(spark, network(length, step), master);
  }

  private static ComputationGraphConfiguration network(int length, StateStep step) {
    return new NeuralNetConfiguration.Builder()
        .miniBatch(false)
        .trainingWorkspaceMode(WorkspaceMode.NONE)
        .inferenceWorkspaceMode(WorkspaceMode.NONE)
        .graphBuilder()
        .addInputs("rows")
        .addLayer("run", new StateLayer(length, step), "rows")
        .setOutputs("run")
        .build();
  }

  /** Sets the state. */
  public void load(ByteBuffer state) {
    state().put(state.duplicate().clear());
  }

  /** Copies the state. */
  public void store(ByteBuffer state) {
    state.duplicate().clear().put(state());
  }

  private ByteBuffer state() {
    return StateLayerRun.floats(graph.getNetwork().params());
  }

  /**
   * Has every worker do these steps, and averages.
   *
   * <p>When this throws, the state is what it was. A task that Spark tries again starts from the
   * same state and does the same steps; only one result of each worker counts.
   *
   * @param workers their numbers, each in a partition of its own
   */
  public void run(JavaRDD<Integer> workers, long first, int steps) {
    if (steps < 1 || steps > most) {
      throw new IllegalArgumentException("%d steps in a round of %d".formatted(steps, most));
    }
    try {
      graph.fit(workers.flatMap(worker -> Rows.of(worker, first, steps)));
    } finally {
      master.forget();
    }
  }

  @Override
  public void close() {
    graph.getNetwork().params().close();
  }
}
