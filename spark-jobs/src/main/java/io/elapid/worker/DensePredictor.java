package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.FramedPictures;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Evaluator;
import io.elapid.graph.Mode;
import io.elapid.observe.Drawing;
import io.elapid.predict.Prediction;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Answers for one picture after the other, and draws what was found over it. Pictures come in a few
 * frames, each of which the network is compiled for.
 *
 * @param <B> batches
 * @param <F> what is found in one picture
 */
final class DensePredictor<B extends ImageBatch, F> implements AutoCloseable {
  private static final double QUALITY = 0.9;

  private final DenseForm<B, F> form;
  private final FramedPictures<B> pictures;
  private final Evaluator<B> evaluator;
  private final List<ClassLabel> classes;
  private final JpegEncoder encoder = new JpegEncoder();
  private final Wanted wanted;

  /**
   * What is wanted of a picture.
   *
   * @param top candidates, at most
   * @param drawn how large
   */
  record Wanted(int top, PredictTask.Drawn drawn) {}

  private DensePredictor(
      FramedTask<B, F> task, ModelWeights weights, Map<Size, Long> sizes, Wanted wanted) {
    CheckpointMeta meta = weights.meta().orElseThrow();
    Recipe recipe = task.recipe();
    this.form = task.form();
    this.classes = meta.classLabels();
    this.wanted = wanted;
    this.pictures =
        form.pictures(
            RankSetup.framed(recipe, meta.classes(), recipe.data().evalTransforms()), sizes);
    this.evaluator = task.evaluator(Mode.DEPLOY, weights.tensors());
  }

  /**
   * That of saved weights.
   *
   * @param sizes how many pictures of which size will come; at least one
   */
  static DensePredictor<?, ?> open(
      Configuration hadoop,
      Recipe recipe,
      ModelWeights weights,
      Map<Size, Long> sizes,
      Wanted wanted) {
    int classes = weights.meta().orElseThrow().classes();
    return of(FramedTask.of(hadoop, recipe, classes), weights, sizes, wanted);
  }

  private static <B extends ImageBatch, F> DensePredictor<B, F> of(
      FramedTask<B, F> task, ModelWeights weights, Map<Size, Long> sizes, Wanted wanted) {
    return new DensePredictor<>(task, weights, sizes, wanted);
  }

  /** The frame that a picture of one of those sizes comes in. */
  Size frame(Size picture) {
    return pictures.frame(picture);
  }

  /**
   * What is found in a picture that is of one of those sizes once it is upright.
   *
   * @param encoded a JPEG or PNG file, which an EXIF block may say how to turn
   */
  Prediction predict(String name, byte[] encoded) throws IOException {
    try {
      Image image = ImageCodec.decodeUpright(encoded);
      B batch = pictures.batch(name, image);
      F found = form.found(batch, evaluator.answers(batch)).get(0);
      return new Prediction(
          name, form.candidates(found, classes, wanted.top()), null, painted(image, found));
    } catch (UnreadableImageException e) {
      return new Prediction(name, List.of(), e.getMessage());
    }
  }

  private byte[] painted(Image image, F found) throws IOException {
    List<String> names = classes.stream().map(ClassLabel::name).toList();
    Drawing drawing = new Drawing(names, wanted.drawn().side(image));
    return encoder.encode(form.drawn(drawing, image, found), QUALITY);
  }

  @Override
  public void close() {
    encoder.close();
    evaluator.close();
  }
}
