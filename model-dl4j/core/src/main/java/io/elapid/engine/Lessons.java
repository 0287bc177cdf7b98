package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;

/** Asks the teacher, if there is one, and writes what it says into the inputs of a shard's pass. */
final class Lessons implements AutoCloseable {
  private static final int CACHED_SHAPES = 2;

  private final TrainerSettings settings;
  private final ProgramCache<ScoreProgram> average;
  private Teacher teacher;
  private double weight;

  Lessons(TrainerSettings settings, TrainingState state) {
    this.settings = settings;
    if (settings.teaching() instanceof Teaching.ByAverage && settings.emaDecay() == 0) {
      throw new IllegalArgumentException("no moving average is kept that could teach");
    }
    this.average =
        new ProgramCache<>(
            CACHED_SHAPES,
            input -> {
              Blueprint blueprint = averageForm(input);
              Parameters weights = state.averageParameters(blueprint.table());
              return new ScoreProgram(blueprint, settings.classes(), weights);
            });
  }

  private Blueprint averageForm(Blueprint.Input input) {
    return Blueprint.of(settings.model(), settings.classes(), input, DataType.FLOAT, Mode.EVAL);
  }

  void teacher(Teacher other) {
    teacher = other;
  }

  void weight(double other) {
    weight = other;
  }

  /** Fills the inputs that the loss reads beside the targets. */
  void prepare(Batch batch, ShardInputs inputs) {
    if (settings.teaching() instanceof Teaching.Distillation distillation) {
      FloatBuffer scores = asked(batch);
      FloatBuffer lesson = inputs.lesson();
      if (distillation.lesson() instanceof Teaching.Lesson.Hard) {
        firstChoice(scores, settings.classes(), lesson);
      } else {
        lesson.put(scores.duplicate().limit(lesson.limit()));
      }
    } else if (settings.teaching() instanceof Teaching.ByAverage) {
      inputs.lessonWeight((float) weight);
      if (weight > 0) {
        ScoreProgram program =
            average.forShape(Blueprint.Input.square(batch.capacity(), batch.imageSize()));
        program.load(batch.images());
        softmax(program.run(), settings.classes(), inputs.lesson());
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

  @Override
  public void close() {
    average.close();
  }
}
