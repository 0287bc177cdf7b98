package io.elapid.engine;

import io.elapid.op.SoftDistillation;

/** What a network learns from beside its labels. */
public sealed interface Teaching {

  /** Nothing. */
  record None() implements Teaching {}

  /**
   * Another network, which sees the same pictures (Hinton et al. 2015; Touvron et al., "Training
   * data-efficient image transformers &amp; distillation through attention", 2021):
   *
   * <pre>
   *   loss = labelWeight CE(targets, scores) + weight D(teacher, taught scores)
   * </pre>
   *
   * @param pupil whose scores are taught
   * @param lesson what D is
   */
  record Distillation(Pupil pupil, Lesson lesson, double labelWeight, double weight)
      implements Teaching {}

  /** Which heads of a network a teacher teaches. */
  enum Pupil {
    /** The second; the first learns from the labels. */
    DISTILLATION_HEAD,
    /** Each, which learns from the labels too. */
    EVERY_HEAD
  }

  /** How far scores are from a teacher's. */
  sealed interface Lesson {
    /** Cross-entropy against the teacher's first choice; of equal scores the lower class. */
    record Hard() implements Lesson {}

    /** {@link SoftDistillation}. */
    record Soft(double temperature, SoftDistillation.Average average) implements Lesson {}
  }

  /**
   * The network's own moving average, in its evaluation form (Du et al., "Sharpness-aware training
   * for free", 2022, there called MESA):
   *
   * <pre>
   *   loss = CE(targets, scores) + weight CE(softmax(scores of the average), scores)
   * </pre>
   *
   * <p>The weight is set while training, by {@link Trainer#lessonWeight}.
   */
  record ByAverage() implements Teaching {}
}
