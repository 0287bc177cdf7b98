package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.ImageBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What tells tasks apart that find something within pictures: their network, and what its answers
 * mean and how they are measured.
 *
 * @param <B> batches
 * @param <F> what is found in one picture
 */
interface DenseForm<B extends ImageBatch, F> {

  /** The network that learns, and answers. */
  Network<B> network();

  /** How a data set becomes batches. */
  FramedLoader<B> loader(FramedSettings settings);

  /** What was found in each picture of a batch, in pixels of the original pictures. */
  List<F> found(B batch, Buffers outputs);

  /**
   * Takes what is found in a share, nothing so far.
   *
   * @param results where to leave it as well
   */
  Judge<B, F> judge(Optional<ShareResults> results);

  /** The result of all shares together, whatever their order. */
  SplitScore merged(List<String> shares);

  /** Makes the files of an evaluation of what its shares left, if they do not stand already. */
  void publish(ShareResults.Folder folder, int shares) throws IOException;

  /**
   * Measures what is found in the pictures of a share.
   *
   * @param <B> batches
   * @param <F> what is found in one picture
   */
  interface Judge<B, F> {
    /** Compares one picture. */
    void add(B batch, int row, F found) throws IOException;

    /** The measures of all pictures so far; what was to be left elsewhere is there now. */
    SplitScore finish() throws IOException;
  }

  /**
   * That of a recipe.
   *
   * @throws IllegalArgumentException if it classifies whole pictures
   */
  static DenseForm<?, ?> of(Recipe recipe, int classes) {
    return switch (recipe.task().type()) {
      case SEMANTIC_SEGMENTATION -> new LabelForm(recipe, classes);
      case OBJECT_DETECTION, INSTANCE_SEGMENTATION -> new ObjectForm(recipe, classes);
      case CLASSIFICATION ->
          throw new IllegalArgumentException("classes of whole pictures have no place in them");
    };
  }
}
