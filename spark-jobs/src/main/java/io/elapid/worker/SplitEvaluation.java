package io.elapid.worker;

import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.task.classification.ClassificationMetrics;
import java.nio.FloatBuffer;

/**
 * Runs a network over one rank's share of a split; the shares of all ranks hold every sample
 * exactly once.
 */
final class SplitEvaluation {

  private SplitEvaluation() {}

  static SplitScore run(
      Evaluator<Batch> evaluator, BatchLoader<Batch> loader, int classes, Runnable gate)
      throws InterruptedException {
    ClassificationMetrics metrics = new ClassificationMetrics(classes);
    for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
      gate.run();
      FloatBuffer logits = evaluator.answers(batch).floats(Classifier.LOGITS);
      metrics.add(logits, batch.labels(), batch.size());
      loader.recycle(batch);
    }
    return new ClassificationScore(metrics);
  }
}
