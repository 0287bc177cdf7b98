package io.elapid.config;

import io.elapid.data.target.TargetKind;
import java.util.List;

/**
 * What is learnt.
 *
 * @param frames the most different padded sizes that batches come in
 * @param grouping which pictures may share a batch of tasks with objects
 * @param absentClasses what a class that is nowhere means for a mean over classes
 * @param detectionLimits how many found objects of a picture count
 */
public record TaskSpec(
    Type type,
    @Bounds("[1, 64]") int frames,
    PictureGrouping grouping,
    AbsentClasses absentClasses,
    CountedObjects detectionLimits,
    Head head,
    Neck neck,
    Detections detections,
    Regions regions) {

  /** Kinds of tasks. */
  public enum Type {
    /** One class for a picture. */
    CLASSIFICATION(
        TargetKind.CLASSIFICATION, Recipe.Metric.TOP1, Recipe.Metric.TOP5, Recipe.Metric.LOSS),
    /** A class for every pixel. */
    SEMANTIC_SEGMENTATION(
        TargetKind.SEGMENTATION, Recipe.Metric.MIOU, Recipe.Metric.MACC, Recipe.Metric.AACC),
    /** Boxes and classes of objects. */
    OBJECT_DETECTION(
        TargetKind.DETECTION, Recipe.Metric.AP, Recipe.Metric.AP50, Recipe.Metric.AP75),
    /** Boxes, classes and masks of objects. */
    INSTANCE_SEGMENTATION(
        TargetKind.DETECTION,
        Recipe.Metric.MASK_AP,
        Recipe.Metric.MASK_AP50,
        Recipe.Metric.MASK_AP75,
        Recipe.Metric.AP,
        Recipe.Metric.AP50,
        Recipe.Metric.AP75);

    private final TargetKind kind;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Recipe.Metric> metrics;

    Type(TargetKind kind, Recipe.Metric... metrics) {
      this.kind = kind;
      this.metrics = List.of(metrics);
    }

    /** What a data set is annotated for that it is learnt from. */
    public TargetKind kind() {
      return kind;
    }

    /** As recipes write it. */
    public String key() {
      return Keys.of(this);
    }

    /** What it can be best in, the usual one first. */
    List<Recipe.Metric> metrics() {
      return metrics;
    }
  }

  /**
   * What stands on the network and its neck.
   *
   * @param channels of the head and its auxiliary one; 0: as published
   * @param auxiliaryWeight of the loss of a second head, for heads that have one; 0: none
   */
  public record Head(
      HeadType type, @Bounds("[0, 4096]") int channels, @Bounds("[0, 10]") double auxiliaryWeight) {

    /** Channels, where so many are published. */
    public long channels(long published) {
      return channels == 0 ? published : channels;
    }
  }

  /** Kinds of heads. */
  public enum HeadType {
    /** Semantic FPN's, RetinaNet's or Mask R-CNN's. */
    USUAL,
    SEMANTIC_FPN,
    DEEPLABV3,
    PSPNET,
    UPERNET,
    RETINANET,
    SSDLITE;

    boolean fits(Type task) {
      return switch (this) {
        case USUAL -> true;
        case SEMANTIC_FPN, DEEPLABV3, PSPNET, UPERNET -> task == Type.SEMANTIC_SEGMENTATION;
        case RETINANET, SSDLITE -> task == Type.OBJECT_DETECTION;
      };
    }

    /** Whether it normalises what a map is on average, and learns with an auxiliary head. */
    public boolean poolsToOnePixel() {
      return this == DEEPLABV3 || this == PSPNET || this == UPERNET;
    }
  }

  /**
   * The feature pyramid between the network and its heads.
   *
   * @param channels of every level
   * @param norm what maps are normalised by
   * @param coarseLevels how levels that are coarser than the network's maps are made
   */
  public record Neck(@Bounds("[1, 4096]") int channels, NeckNorm norm, CoarseLevels coarseLevels) {}

  /** What a neck normalises maps by. */
  public enum NeckNorm {
    /** As published for the network's family. */
    USUAL,
    NONE,
    LAYER_NORM
  }

  /** Where the coarse levels of a neck come from. */
  public enum CoarseLevels {
    /** As published for the task. */
    USUAL,
    SUBSAMPLED,
    FROM_INPUT,
    FROM_OUTPUT
  }

  /**
   * Which of the objects that a network finds are given out.
   *
   * @param scoreThreshold those with no higher score are left out
   * @param nmsThreshold those that overlap a surer one of their class by more are left out
   * @param maxPerPicture most of a picture
   */
  public record Detections(
      @Bounds("[0, 1)") double scoreThreshold,
      @Bounds("(0, 1]") double nmsThreshold,
      @Bounds("[1, 1000]") int maxPerPicture) {}

  /**
   * How many regions the second stage looks at.
   *
   * @param proposals most of a picture that the first stage hands on
   * @param sampled those of a picture that are learnt from
   * @param maxObjects most objects of a picture that are learnt
   */
  public record Regions(
      @Bounds("[1, 5000]") int proposals,
      @Bounds("[4, 4096]") int sampled,
      @Bounds("[1, 1000]") int maxObjects) {}

  /** Which pictures may share a batch. */
  public enum PictureGrouping {
    /** Any. */
    NONE,
    /** Those that are at least as wide as high, or those that are higher. */
    ASPECT_RATIO
  }

  /** How many found objects of a picture and class count. */
  public enum CountedObjects {
    /** 100, of the official tool. */
    PYCOCOTOOLS,
    /** 100 for AP, 1000 for all other precisions. */
    MMDET
  }

  /** Conventions for means over classes. */
  public enum AbsentClasses {
    SKIPPED,
    ZERO
  }
}
