package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.SegmentationPictures;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.PixelClasses;
import io.elapid.engine.Evaluator;
import io.elapid.graph.Mode;
import io.elapid.observe.TruthPainter;
import io.elapid.predict.Prediction;
import io.elapid.task.segmentation.SemanticFpn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** Finds the class of every pixel of single pictures, and draws it over them. */
final class PixelPredictor implements PicturePredictor {
  /** No picture is drawn larger. */
  private static final int LARGEST_SIDE = 4096;

  private final SegmentationPictures pictures;
  private final SemanticFpn network;
  private final Evaluator<SegmentationBatch> evaluator;
  private final List<ClassLabel> classes;
  private final TruthPainter painter;
  private final int top;

  PixelPredictor(Configuration hadoop, Recipe recipe, ModelWeights weights, int top) {
    CheckpointMeta meta = weights.meta().orElseThrow();
    this.classes = meta.classLabels();
    this.network = TrainingSetup.segmenter(recipe, meta.classes());
    this.top = top;
    this.pictures =
        new SegmentationPictures(
            RankSetup.segmentation(recipe, meta.classes(), recipe.data().evalTransforms()));
    this.evaluator =
        new SegmentationTask(hadoop, recipe, meta.classes())
            .evaluator(Mode.DEPLOY, weights.tensors());
    this.painter = new TruthPainter(classes.stream().map(ClassLabel::name).toList(), LARGEST_SIDE);
  }

  /** The classes with the most pixels, with their share of them, and the picture drawn over. */
  @Override
  public Prediction predict(String name, byte[] encoded) throws IOException {
    try {
      Image image = SegmentationPictures.decode(encoded);
      SegmentationBatch batch = pictures.batch(name, image);
      byte[] labels = network.labels(batch, evaluator.answers(batch)).get(0);
      LabelMap found = new LabelMap(image.width(), image.height(), labels);
      return new Prediction(name, candidates(found), null, painted(image, found));
    } catch (UnreadableImageException e) {
      return new Prediction(name, List.of(), e.getMessage());
    }
  }

  private List<Prediction.Candidate> candidates(LabelMap found) {
    long[] pixels = found.histogram();
    List<Prediction.Candidate> all = new ArrayList<>();
    IntStream.range(0, pixels.length)
        .filter(label -> pixels[label] > 0)
        .boxed()
        .sorted(Comparator.comparingLong((Integer label) -> -pixels[label]))
        .limit(top)
        .forEach(label -> all.add(candidate(label, pixels[label], found)));
    return all;
  }

  private Prediction.Candidate candidate(int label, long pixels, LabelMap found) {
    return new Prediction.Candidate(
        label, Prediction.name(classes, label), (double) pixels / found.values().length);
  }

  private byte[] painted(Image image, LabelMap found) throws IOException {
    byte[] stored = new byte[found.values().length];
    for (int i = 0; i < stored.length; i++) {
      stored[i] = (byte) (found.values()[i] + 1);
    }
    LabelMap shifted = new LabelMap(found.width(), found.height(), stored);
    return painter.painted(Annotated.of(image, new PixelClasses(shifted))).bytes();
  }

  @Override
  public void close() {
    painter.close();
    evaluator.close();
  }
}
