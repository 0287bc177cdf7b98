package io.elapid.config;

import io.elapid.data.target.TargetKind;
import java.util.List;

/**
 * What is learnt.
 *
 * @param frames the most different padded sizes that batches come in
 * @param grouping which pictures may share a batch of object detection
 * @param absentClasses what a class that is nowhere means for a mean over classes
 * @param detectionLimits how many found objects of a picture count
 */
public record TaskSpec(
    Type type,
    @Bounds("[1, 64]") int frames,
    PictureGrouping grouping,
    AbsentClasses absentClasses,
    CountedObjects detectionLimits) {

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
        TargetKind.DETECTION, Recipe.Metric.AP, Recipe.Metric.AP50, Recipe.Metric.AP75);

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
