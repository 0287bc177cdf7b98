package io.elapid.config;

import io.elapid.data.InputException;
import java.util.Optional;

/**
 * A teacher's part in the loss.
 *
 * @param teacher its weights; any Hadoop path
 * @param teacherVariant which of these weights
 * @param teacherModel the network they belong to; empty for weights that say so themselves
 * @param pupil which head learns from it
 * @param labelWeight factor on the loss against the labels
 * @param weight factor on the loss against the teacher
 * @param temperature that both sides' scores are divided by; read by type soft only
 * @param average what the divergence is divided by; read by type soft only
 */
public record DistillationSpec(
    Type type,
    Optional<String> teacher,
    Recipe.EvaluationWeights teacherVariant,
    Optional<String> teacherModel,
    Pupil pupil,
    @Bounds("[0, 1000]") double labelWeight,
    @Bounds("(0, 1000]") double weight,
    @Bounds("(0, 1000]") double temperature,
    Average average) {

  /** The teacher's weights; {@link InputException} if the recipe names none. */
  public String requireTeacher() {
    return Recipe.require(teacher, "distillation.teacher", "hdfs:///weights/teacher.safetensors");
  }

  public enum Type {
    NONE,
    /** Cross-entropy against the teacher's first choice. */
    HARD,
    /** Divergence from the teacher's distribution. */
    SOFT
  }

  public enum Pupil {
    DISTILLATION_HEAD,
    EVERY_HEAD
  }

  public enum Average {
    SAMPLES,
    ELEMENTS
  }
}
