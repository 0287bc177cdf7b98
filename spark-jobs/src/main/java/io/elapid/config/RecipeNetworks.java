package io.elapid.config;

import io.elapid.box.RandomSampler;
import io.elapid.box.ScoreRules;
import io.elapid.data.InputException;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.model.Models;
import io.elapid.nn.EfficientVitFpn.PreNorm;
import io.elapid.nn.FpnSettings.Extra;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.detection.MaskRcnn;
import io.elapid.task.detection.ObjectNetwork;
import io.elapid.task.detection.RetinaNet;
import io.elapid.task.detection.SsdLite;
import io.elapid.task.segmentation.SegmentationHead;
import io.elapid.task.segmentation.SegmentationHead.DeepLabV3;
import io.elapid.task.segmentation.SegmentationHead.PspNet;
import io.elapid.task.segmentation.SegmentationHead.SemanticFpn;
import io.elapid.task.segmentation.SegmentationHead.UperNet;
import io.elapid.task.segmentation.Segmenter;
import java.util.Optional;

/** The networks that recipes describe. */
public final class RecipeNetworks {
  private static final double POSITIVE_REGIONS = 0.25;

  private RecipeNetworks() {}

  /** The published network that a recipe names, whole or as the backbone of another. */
  public static Backbone published(Recipe.Model recipe) {
    Backbone usual = Models.byName(recipe.name());
    Backbone network =
        switch (recipe.heads()) {
          case USUAL -> usual;
          case SINGLE -> usual.withHeads(Heads.CLASSIFICATION);
          case DISTILLED -> usual.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION);
        };
    return recipe.dropPath().isPresent()
        ? network.withDropPath(recipe.dropPath().getAsDouble())
        : network;
  }

  /** For classes of pixels. */
  public static Segmenter labels(Recipe recipe, int classes) {
    TaskSpec.Head chosen = recipe.task().head();
    SegmentationHead head =
        switch (chosen.type()) {
          case DEEPLABV3 -> new DeepLabV3(chosen.channels(DeepLabV3.CHANNELS));
          case PSPNET -> new PspNet(chosen.channels(PspNet.CHANNELS));
          case UPERNET -> new UperNet(chosen.channels(UperNet.CHANNELS));
          case USUAL, SEMANTIC_FPN ->
              new SemanticFpn(
                  neck(recipe, SemanticFpn.NECK), chosen.channels(SemanticFpn.CHANNELS));
          case RETINANET, SSDLITE -> throw new IllegalArgumentException("a head for objects");
        };
    return new Segmenter(backbone(recipe), classes, head, auxiliary(chosen));
  }

  private static Optional<Segmenter.Auxiliary> auxiliary(TaskSpec.Head head) {
    return head.type().poolsToOnePixel() && head.auxiliaryWeight() > 0
        ? Optional.of(
            new Segmenter.Auxiliary(
                head.channels(Segmenter.Auxiliary.CHANNELS), head.auxiliaryWeight()))
        : Optional.empty();
  }

  /**
   * For objects, with masks or without.
   *
   * @throws InputException if the neck is not for the backbone
   */
  public static ObjectNetwork objects(Recipe recipe, int classes) {
    if (recipe.task().type() == TaskSpec.Type.INSTANCE_SEGMENTATION) {
      return new MaskRcnn(backbone(recipe), classes, neck(recipe, MaskRcnn.NECK), regions(recipe));
    }
    TaskSpec.Head head = recipe.task().head();
    return head.type() == TaskSpec.HeadType.SSDLITE
        ? new SsdLite(
            backbone(recipe),
            classes,
            head.channels(SsdLite.WIDTH),
            chosen(recipe, ScoreRules.SSD_LITE))
        : new RetinaNet(
            backbone(recipe),
            classes,
            neck(recipe, RetinaNet.NECK),
            chosen(recipe, ScoreRules.RETINA_NET));
  }

  private static DenseBackbone backbone(Recipe recipe) {
    DenseBackbone usual = DenseBackbone.of(published(recipe.model()));
    return switch (recipe.task().neck().norm()) {
      case USUAL -> usual;
      case NONE -> usual.with(PreNorm.NONE);
      case LAYER_NORM -> {
        if (!usual.isCoarse()) {
          throw new InputException(
              "task.neck.norm: layer-norm is for networks with three maps, and %s has four"
                  .formatted(recipe.model().name()),
              "set task.neck.norm to usual");
        }
        yield usual.with(PreNorm.LAYER_NORM);
      }
    };
  }

  private static Neck neck(Recipe recipe, Neck published) {
    TaskSpec.Neck neck = recipe.task().neck();
    return new Neck(
        neck.channels(),
        switch (neck.coarseLevels()) {
          case USUAL -> published.extra();
          case SUBSAMPLED -> Extra.SUBSAMPLED;
          case FROM_INPUT -> Extra.FROM_INPUT;
          case FROM_OUTPUT -> Extra.FROM_OUTPUT;
        });
  }

  private static ScoreRules chosen(Recipe recipe, ScoreRules published) {
    TaskSpec.Detections chosen = recipe.task().detections();
    return published.with(chosen.scoreThreshold(), chosen.nmsThreshold(), chosen.maxPerPicture());
  }

  private static MaskRcnn.Regions regions(Recipe recipe) {
    TaskSpec.Regions regions = recipe.task().regions();
    return new MaskRcnn.Regions(
        regions.maxObjects(),
        regions.proposals(),
        new RandomSampler(regions.sampled(), POSITIVE_REGIONS),
        chosen(recipe, ScoreRules.SECOND_STAGE));
  }
}
