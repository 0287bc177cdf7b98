package io.elapid.engine;

import io.elapid.op.Mean;
import io.elapid.op.SoftDistillation;
import io.elapid.op.SoftmaxCrossEntropy;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The loss of training: mean cross-entropy against soft targets, over the heads that learn from
 * labels, and what a teacher adds to it.
 */
final class TrainingLoss {
  static final String TARGETS = "targets";

  /** What the teacher says: targets or scores, (batch, classes). */
  static final String LESSON = "lesson";

  /** Factor on what the moving average teaches, a scalar. */
  static final String LESSON_WEIGHT = "lesson_weight";

  private final SameDiff graph;
  private final SDVariable targets;
  private final List<SDVariable> heads;
  private final Declared inputs;

  private TrainingLoss(
      SameDiff graph, SDVariable targets, List<SDVariable> heads, Declared inputs) {
    this.graph = graph;
    this.targets = targets;
    this.heads = heads;
    this.inputs = inputs;
  }

  /** Takes what the loss reads. */
  @FunctionalInterface
  interface Declared {
    SDVariable input(String name, long... shape);
  }

  /** Adds the inputs that the teaching needs, of shape (batch, classes), and the loss. */
  static SDVariable add(
      SameDiff graph,
      List<SDVariable> heads,
      long[] targetShape,
      Declared inputs,
      Teaching teaching) {
    SDVariable targets = inputs.input(TARGETS, targetShape);
    TrainingLoss loss = new TrainingLoss(graph, targets, heads, inputs);
    if (teaching instanceof Teaching.Distillation distillation) {
      return loss.distilled(distillation, targetShape);
    }
    return teaching instanceof Teaching.ByAverage
        ? loss.taughtByAverage(targetShape)
        : loss.entropy(heads, targets);
  }

  private SDVariable distilled(Teaching.Distillation teaching, long[] shape) {
    SDVariable lesson = inputs.input(LESSON, shape);
    List<SDVariable> labelled = heads;
    List<SDVariable> taught = heads;
    if (teaching.pupil() == Teaching.Pupil.DISTILLATION_HEAD) {
      if (heads.size() != 2) {
        throw new IllegalArgumentException("a network of %d heads".formatted(heads.size()));
      }
      labelled = heads.subList(0, 1);
      taught = heads.subList(1, 2);
    }
    SDVariable distance =
        teaching.lesson() instanceof Teaching.Lesson.Soft soft
            ? divergence(taught, lesson, soft)
            : entropy(taught, lesson);
    return graph
        .math()
        .add(
            weighted(entropy(labelled, targets), teaching.labelWeight()),
            weighted(distance, teaching.weight()));
  }

  private SDVariable taughtByAverage(long[] shape) {
    SDVariable lesson = inputs.input(LESSON, shape);
    SDVariable weight = inputs.input(LESSON_WEIGHT);
    SDVariable taught = graph.math().mul(entropy(heads, lesson), weight);
    return graph.math().add(entropy(heads, targets), taught);
  }

  private SDVariable entropy(List<SDVariable> scores, SDVariable wanted) {
    return Mean.apply(
        graph,
        scores.stream().map(head -> SoftmaxCrossEntropy.apply(graph, head, wanted)).toList());
  }

  private SDVariable divergence(
      List<SDVariable> scores, SDVariable teacher, Teaching.Lesson.Soft soft) {
    return Mean.apply(
        graph,
        scores.stream()
            .map(
                head ->
                    SoftDistillation.apply(
                        graph, head, teacher, soft.temperature(), soft.average()))
            .toList());
  }

  private SDVariable weighted(SDVariable loss, double weight) {
    if (weight == 1) {
      return loss;
    }
    return graph.math().mul(loss, graph.constant(Nd4j.scalar(loss.dataType(), weight)));
  }
}
