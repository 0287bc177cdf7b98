package io.elapid.task.evaluation;

/** How many detections per picture and class count: the best so many, for each of three recalls. */
public enum DetectionLimits {
  /** As the official tool: everything at 100. */
  PYCOCOTOOLS(1, 10, 100),
  /** As mmdet: AP at 100, all other precisions at 1000. */
  MMDET(100, 300, 1000);

  /** The most that any convention looks at. */
  static final int MOST = 1000;

  /** How many limits a convention has. */
  static final int COUNT = 3;

  private static final int AP_LIMIT = 100;

  private final int first;
  private final int second;
  private final int third;

  DetectionLimits(int first, int second, int third) {
    this.first = first;
    this.second = second;
    this.third = third;
  }

  /** The first, second or third limit. */
  int limit(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      default -> third;
    };
  }

  /** The index of the limit at which AP is taken. */
  int indexOfAp() {
    return first == AP_LIMIT ? 0 : COUNT - 1;
  }
}
