package io.elapid.predict;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.FramedPictures;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import io.elapid.task.detection.ObjectNetwork;
import io.elapid.task.segmentation.Segmenter;
import java.util.List;

/**
 * What tells networks apart that find something within pictures.
 *
 * @param <B> batches of one picture
 */
sealed interface Finder<B extends ImageBatch> {

  Network<B> network();

  /** The way of pictures to it. */
  FramedPictures<B> pictures(FramedSettings settings);

  /** What the outputs for a picture mean. */
  Answer answer(B batch, Buffers outputs);

  /**
   * That of a recipe.
   *
   * @param labels classes by index, maybe without names
   * @throws IllegalArgumentException if it classifies whole pictures
   */
  static Finder<?> of(Recipe recipe, int classes, List<ClassLabel> labels) {
    return switch (recipe.task().type()) {
      case SEMANTIC_SEGMENTATION -> new Pixels(RecipeNetworks.labels(recipe, classes), labels);
      case OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          new Objects(RecipeNetworks.objects(recipe, classes), labels);
      case CLASSIFICATION ->
          throw new IllegalArgumentException("classes of whole pictures have no place in them");
    };
  }

  /** Objects, with masks or without. */
  record Objects(ObjectNetwork network, List<ClassLabel> labels) implements Finder<DetectionBatch> {
    @Override
    public FramedPictures<DetectionBatch> pictures(FramedSettings settings) {
      return FramedPictures.ofObjects(settings);
    }

    @Override
    public Answer answer(DetectionBatch batch, Buffers outputs) {
      Size picture = batch.samples().get(0).geometry().original();
      return new Answer.Objects(
          picture,
          network.found(batch, outputs).get(0).stream()
              .map(object -> FoundObject.of(object, labels))
              .toList());
    }
  }

  /** A class for every pixel. */
  record Pixels(Segmenter network, List<ClassLabel> labels) implements Finder<SegmentationBatch> {
    @Override
    public FramedPictures<SegmentationBatch> pictures(FramedSettings settings) {
      return FramedPictures.ofLabels(settings);
    }

    @Override
    public Answer answer(SegmentationBatch batch, Buffers outputs) {
      return Answer.Labels.of(network.found(batch, outputs).get(0), labels);
    }
  }
}
