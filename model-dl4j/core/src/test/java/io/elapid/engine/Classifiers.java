package io.elapid.engine;

import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** Graphs of classifiers. */
final class Classifiers {
  static final List<Figure> FIGURES =
      List.of(Figure.ofSamples(Classifier.TOP1), Figure.ofSamples(Classifier.TOP5));

  private Classifiers() {}

  static Blueprint learning(
      ImageClassifier model, int classes, Frame frame, DataType type, Mode mode) {
    Scope scope = Scope.root(SameDiff.create(), type, mode);
    return Blueprint.learning(new Classifier(model, classes), frame, scope);
  }

  /** Remembers what the network said when it was built last. */
  static final class Recorded implements ImageClassifier {
    private final ImageClassifier model;
    private Scores scores;

    Recorded(ImageClassifier model) {
      this.model = model;
    }

    @Override
    public String name() {
      return model.name();
    }

    @Override
    public int imageSize() {
      return model.imageSize();
    }

    @Override
    public Scores scores(Scope scope, SDVariable images, int classes) {
      scores = model.scores(scope, images, classes);
      return scores;
    }

    Scores scores() {
      return scores;
    }
  }
}
