package io.elapid.task.evaluation;

import java.util.Locale;

/** COCO's twelve numbers, in the order in which its tools print them. */
public enum CocoMetric {
  AP,
  AP50,
  AP75,
  AP_SMALL,
  AP_MEDIUM,
  AP_LARGE,
  AR_FIRST,
  AR_SECOND,
  AR_THIRD,
  AR_SMALL,
  AR_MEDIUM,
  AR_LARGE;

  /** As papers write it: AP, AP50, APs, AR100, ARl, ... */
  public String label(DetectionLimits limits) {
    return switch (this) {
      case AP, AP50, AP75 -> name();
      case AR_FIRST -> "AR" + limits.limit(0);
      case AR_SECOND -> "AR" + limits.limit(1);
      case AR_THIRD -> "AR" + limits.limit(2);
      default -> name().substring(0, 2) + name().substring(3, 4).toLowerCase(Locale.ROOT);
    };
  }
}
