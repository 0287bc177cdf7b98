package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A network that learns which class a picture shows. The loss is {@link TrainingLoss} of its heads
 * in training, of its answer otherwise.
 *
 * <p>Holds who teaches it, so every {@link Trainer} needs one of its own.
 */
public final class Classifier implements Network<Batch> {
  /** Output: class scores, (batch, classes). */
  public static final String LOGITS = "logits";

  /** Figure: share of samples whose label had the highest score. */
  public static final String TOP1 = "top1";

  /** Figure: share of samples whose label was among the five highest scores. */
  public static final String TOP5 = "top5";

  private final ImageClassifier model;
  private final int classes;
  private final Teaching teaching;
  private final Lessons lessons;

  /** One that learns from labels alone. */
  public Classifier(ImageClassifier model, int classes) {
    this(model, classes, new Teaching.None());
  }

  public Classifier(ImageClassifier model, int classes, Teaching teaching) {
    this.model = model;
    this.classes = classes;
    this.teaching = teaching;
    this.lessons = new Lessons(teaching, classes);
  }

  /** Lets that teacher speak from now on; needed where the teaching says that there is one. */
  public void teacher(Teacher teacher) {
    lessons.teacher(teacher);
  }

  /**
   * Factor on what the moving average teaches from now on. At 0, as at first, it is not asked.
   *
   * @see Teaching.ByAverage
   */
  public void lessonWeight(double weight) {
    lessons.weight(weight);
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public List<Figure> figures() {
    return List.of(Figure.ofSamples(TOP1), Figure.ofSamples(TOP5));
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    Scores scores = scores(scope, ports);
    List<SDVariable> judged =
        scope.mode() == Mode.TRAIN ? scores.heads() : List.of(scores.logits());
    long[] shape = {ports.frame().batch(), classes};
    return TrainingLoss.add(scope.graph(), judged, shape, ports::input, teaching);
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    scores(scope, ports);
  }

  private Scores scores(Scope scope, Ports ports) {
    Scores scores = model.scores(scope, ports.images(), classes);
    ports.output(LOGITS, scores.logits(), ports.frame().batch(), classes);
    return scores;
  }

  @Override
  public void teach(Batch batch, Buffers inputs, Average<Batch> average) {
    requireFitting(batch);
    inputs.bytes(TrainingLoss.TARGETS).put(batch.targets().duplicate().clear());
    lessons.prepare(batch, inputs, average);
  }

  @Override
  public void ask(Batch batch, Buffers inputs) {
    requireFitting(batch);
  }

  private void requireFitting(Batch batch) {
    if (batch.classes() != classes) {
      throw new IllegalArgumentException(
          "a batch of %d classes for a classifier of %d".formatted(batch.classes(), classes));
    }
  }

  @Override
  public Map<String, Double> count(Batch batch, Buffers outputs) {
    int[] hits = TopHits.count(outputs.floats(LOGITS), classes, batch.labels(), batch.size());
    return Map.of(TOP1, (double) hits[0], TOP5, (double) hits[1]);
  }

  @Override
  public boolean learnsFromAverage() {
    return teaching instanceof Teaching.ByAverage;
  }
}
