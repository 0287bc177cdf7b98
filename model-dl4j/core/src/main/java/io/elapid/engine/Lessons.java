package io.elapid.engine;

import io.elapid.data.loader.Batch;
import java.nio.FloatBuffer;

/** Asks the teacher, if there is one, and writes what it says into the inputs of a pass. */
final class Lessons {
  private final Teaching teaching;
  private final int classes;
  private Teacher teacher;
  private double weight;

  Lessons(Teaching teaching, int classes) {
    this.teaching = teaching;
    this.classes = classes;
  }

  void teacher(Teacher other) {
    teacher = other;
  }

  void weight(double other) {
    weight = other;
  }

  /** Fills the inputs that the loss reads beside the targets. */
  void prepare(Batch batch, Buffers inputs, Network.Average<Batch> average) {
    if (teaching instanceof Teaching.Distillation distillation) {
      FloatBuffer scores = asked(batch);
      FloatBuffer lesson = inputs.floats(TrainingLoss.LESSON);
      if (distillation.lesson() instanceof Teaching.Lesson.Hard) {
        firstChoice(scores, classes, lesson);
      } else {
        lesson.put(scores.duplicate().limit(lesson.limit()));
      }
    } else if (teaching instanceof Teaching.ByAverage) {
      inputs.floats(TrainingLoss.LESSON_WEIGHT).put((float) weight);
      if (weight > 0) {
        FloatBuffer scores = average.answers(batch).floats(Classifier.LOGITS);
        softmax(scores, classes, inputs.floats(TrainingLoss.LESSON));
      }
    }
  }

  private FloatBuffer asked(Batch batch) {
    if (teacher == null) {
      throw new IllegalStateException("the loss needs a teacher");
    }
    return teacher.logits(batch);
  }

  /** One where a row's score is highest, the first of equals; zero elsewhere. */
  static void firstChoice(FloatBuffer scores, int classes, FloatBuffer lesson) {
    for (int from = 0; from < lesson.limit(); from += classes) {
      int best = from;
      for (int k = from; k < from + classes; k++) {
        lesson.put(k, 0);
        best = scores.get(k) > scores.get(best) ? k : best;
      }
      lesson.put(best, 1);
    }
  }

  /** The softmax of every row. */
  static void softmax(FloatBuffer scores, int classes, FloatBuffer lesson) {
    for (int from = 0; from < lesson.limit(); from += classes) {
      double max = Double.NEGATIVE_INFINITY;
      for (int k = from; k < from + classes; k++) {
        max = Math.max(max, scores.get(k));
      }
      double sum = 0;
      for (int k = from; k < from + classes; k++) {
        sum += Math.exp(scores.get(k) - max);
      }
      for (int k = from; k < from + classes; k++) {
        lesson.put(k, (float) (Math.exp(scores.get(k) - max) / sum));
      }
    }
  }
}
