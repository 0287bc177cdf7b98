package io.elapid.dl4j;

import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;

/**
 * DL4J's averaging, which takes the rows as they lie and forgets what it has sent out when a round
 * is over: DL4J itself leaves a copy of the network on every executor for each round.
 */
final class RoundMaster extends ParameterAveragingTrainingMaster {
  private final int steps;
  private Broadcast<NetBroadcastTuple> sent;

  /**
   * @param steps the most of a round
   */
  RoundMaster(int workers, int steps) {
    super(
        new Builder(workers, 1)
            .batchSizePerWorker(1)
            .averagingFrequency(steps)
            .workerPrefetchNumBatches(0)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .storageLevel(null)
            .saveUpdater(false));
    this.steps = steps;
  }

  @Override
  public ParameterAveragingTrainingWorker getWorkerInstance(SparkComputationGraph graph) {
    sent =
        graph
            .getSparkContext()
            .broadcast(
                new NetBroadcastTuple(
                    graph.getNetwork().getConfiguration(), graph.getNetwork().params(), null));
    WorkerConfiguration settings = new WorkerConfiguration(true, 1, 1, steps, 0, false);
    return new ParameterAveragingTrainingWorker(sent, false, settings, null, null, null);
  }

  /** To be called when a round is over, however it has ended. */
  void forget() {
    if (sent != null) {
      sent.destroy();
      sent = null;
    }
  }
}
