package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionPictures;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Evaluator;
import io.elapid.graph.Mode;
import io.elapid.observe.Drawing;
import io.elapid.observe.Mark;
import io.elapid.predict.Prediction;
import io.elapid.task.detection.RetinaNet;
import io.elapid.task.evaluation.Detection;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Finds the objects in single pictures, and draws their boxes. */
final class ObjectPredictor implements PicturePredictor {
  /** No picture is drawn larger. */
  private static final int LARGEST_SIDE = 4096;

  /** Objects that the network is less sure of are not drawn. */
  private static final double DRAWN = 0.3;

  private static final double QUALITY = 0.9;

  private final DetectionPictures pictures;
  private final RetinaNet network;
  private final Evaluator<DetectionBatch> evaluator;
  private final List<ClassLabel> classes;
  private final JpegEncoder encoder = new JpegEncoder();
  private final int top;

  ObjectPredictor(Configuration hadoop, Recipe recipe, ModelWeights weights, int top) {
    CheckpointMeta meta = weights.meta().orElseThrow();
    this.classes = meta.classLabels();
    this.network = TrainingSetup.detector(recipe, meta.classes());
    this.top = top;
    this.pictures =
        new DetectionPictures(
            RankSetup.detection(recipe, meta.classes(), recipe.data().evalTransforms()));
    this.evaluator =
        new DetectionTask(hadoop, recipe, meta.classes()).evaluator(Mode.DEPLOY, weights.tensors());
  }

  /** The surest objects with their scores, maybe none, and the picture with boxes. */
  @Override
  public Prediction predict(String name, byte[] encoded) throws IOException {
    try {
      Image image = ImageCodec.decode(encoded);
      DetectionBatch batch = pictures.batch(name, image);
      List<Detection> found =
          DetectionTask.objects(network.detections(batch, evaluator.answers(batch)).get(0));
      List<Prediction.Candidate> surest = found.stream().limit(top).map(this::candidate).toList();
      return new Prediction(name, surest, null, painted(image, found));
    } catch (UnreadableImageException e) {
      return new Prediction(name, List.of(), e.getMessage());
    }
  }

  private Prediction.Candidate candidate(Detection object) {
    return new Prediction.Candidate(
        object.label(), Prediction.name(classes, object.label()), object.score());
  }

  private byte[] painted(Image image, List<Detection> found) throws IOException {
    int side = Math.min(LARGEST_SIDE, Math.max(image.width(), image.height()));
    Drawing drawing = new Drawing(classes.stream().map(ClassLabel::name).toList(), side);
    return encoder.encode(drawing.marked(image, Mark.found(found, DRAWN)), QUALITY);
  }

  @Override
  public void close() {
    encoder.close();
    evaluator.close();
  }
}
