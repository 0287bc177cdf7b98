package io.elapid.predict;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.augment.UnusablePictureException;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.loader.PictureBatch;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Classifies pictures, a batch at a time. */
final class WholePictures implements PictureNetwork {
  private final CheckpointMeta meta;
  private final Predictor.Settings settings;
  private final LoaderSettings loading;
  private final Evaluator<Batch> evaluator;
  private final Queue<PictureBatch> idle = new ConcurrentLinkedQueue<>();

  WholePictures(ModelWeights weights, Recipe recipe, Predictor.Settings settings) {
    this.meta = weights.meta().orElseThrow();
    this.settings = settings;
    this.loading = PictureLoading.evaluation(recipe, meta.classes());
    this.evaluator =
        new Evaluator<>(
            new Classifier(Pretrained.network(weights), meta.classes()),
            Frame.square(settings.batch(), recipe.model().imageSize()),
            Mode.DEPLOY,
            weights.tensors(),
            settings.threads());
  }

  @Override
  public void answer(List<? extends Picture> pictures, NetworkThread thread, Answered each) {
    for (int from = 0; from < pictures.size(); from += settings.batch()) {
      int to = Math.min(pictures.size(), from + settings.batch());
      batch(pictures, from, to, thread, each);
    }
  }

  private void batch(
      List<? extends Picture> pictures, int from, int to, NetworkThread thread, Answered each) {
    PictureBatch pixels = idle.poll();
    if (pixels == null) {
      pixels = new PictureBatch(loading, settings.batch());
    }
    List<Integer> readable = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Picture picture = pictures.get(i);
      try {
        pixels.add(picture.name(), picture.read());
        readable.add(i);
      } catch (UnreadableImageException | UnusablePictureException | IOException e) {
        each.take(i, Answer.Unreadable.because(e));
      }
    }
    if (!readable.isEmpty()) {
      Batch batch = pixels.take();
      List<Answer> answers = thread.computed(() -> answers(batch));
      for (int row = 0; row < answers.size(); row++) {
        each.take(readable.get(row), answers.get(row));
      }
    }
    idle.add(pixels);
  }

  private List<Answer> answers(Batch batch) {
    FloatBuffer logits = evaluator.answers(batch).floats(Classifier.LOGITS);
    List<Answer> answers = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      answers.add(
          Answer.Classes.of(logits, row, meta.classes(), meta.classLabels(), settings.top()));
    }
    return answers;
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
