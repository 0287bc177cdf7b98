package io.elapid.predict;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.FramedPictures;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.ImageBatch;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.graph.Mode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Finds something within pictures, in one after the other. Each is padded as the recipe says and no
 * further, whatever pictures come beside it; the network stays compiled for as many sizes as the
 * recipe allows batches to have.
 *
 * @param <B> batches of one picture
 */
final class WithinPictures<B extends ImageBatch> implements PictureNetwork {
  private final Finder<B> finder;
  private final FramedSettings loading;
  private final Evaluator<B> evaluator;
  private final Queue<FramedPictures<B>> idle = new ConcurrentLinkedQueue<>();

  private WithinPictures(
      Finder<B> finder, ModelWeights weights, Recipe recipe, Predictor.Settings settings) {
    int classes = weights.meta().orElseThrow().classes();
    this.finder = finder;
    this.loading = PictureLoading.framed(recipe, classes, recipe.data().evalTransforms());
    this.evaluator =
        new Evaluator<>(
            finder.network(),
            Frame.square(1, recipe.model().imageSize()),
            Mode.DEPLOY,
            weights.tensors(),
            new Evaluator.Limits(settings.threads(), recipe.task().frames()));
  }

  static WithinPictures<?> of(ModelWeights weights, Recipe recipe, Predictor.Settings settings) {
    CheckpointMeta meta = weights.meta().orElseThrow();
    return of(Finder.of(recipe, meta.classes(), meta.classLabels()), weights, recipe, settings);
  }

  private static <B extends ImageBatch> WithinPictures<B> of(
      Finder<B> finder, ModelWeights weights, Recipe recipe, Predictor.Settings settings) {
    return new WithinPictures<>(finder, weights, recipe, settings);
  }

  /** A picture with its number among all. */
  private record Numbered(int number, Picture picture, Size frame) {}

  /**
   * Pictures of one size come one after the other, so that the network is compiled once for each.
   */
  @Override
  public void answer(List<? extends Picture> pictures, NetworkThread thread, Answered each) {
    FramedPictures<B> memory = idle.poll();
    if (memory == null) {
      memory = finder.pictures(loading);
    }
    for (Numbered one : bySize(pictures, memory, each)) {
      Answer answer;
      try {
        Picture picture = one.picture();
        B batch = memory.batch(picture.name(), ImageCodec.decodeUpright(picture.read()));
        answer = thread.computed(() -> finder.answer(batch, evaluator.answers(batch)));
      } catch (UnreadableImageException | IOException e) {
        answer = Answer.Unreadable.because(e);
      }
      each.take(one.number(), answer);
    }
    idle.add(memory);
  }

  /** The largest first, which the network's memory is then large enough for all others. */
  private List<Numbered> bySize(
      List<? extends Picture> pictures, FramedPictures<B> memory, Answered each) {
    List<Numbered> readable = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      try {
        Size upright = ImageCodec.inspect(picture.read()).upright();
        readable.add(new Numbered(i, picture, memory.frame(upright)));
      } catch (IOException | UnreadableImageException e) {
        each.take(i, Answer.Unreadable.because(e));
      }
    }
    readable.sort(
        Comparator.comparingLong((Numbered one) -> -one.frame().area())
            .thenComparingInt(one -> one.frame().width()));
    return readable;
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
