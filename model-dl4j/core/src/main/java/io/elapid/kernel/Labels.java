package io.elapid.kernel;

/** Classes that are stored as numbers of a tensor's own type. */
public final class Labels {
  private Labels() {}

  /**
   * The label at {@code index}, -1 for the background, which is K, and for NaN.
   *
   * @throws IllegalArgumentException if it is not one of -1 to K
   */
  public static int orNone(Tensor labels, int index, int classes) {
    double label = labels.at(index);
    if (Double.isNaN(label)) {
      return -1;
    }
    int whole = (int) label;
    if (whole != label || whole < -1 || whole > classes) {
      throw unknown(label, index, classes);
    }
    return whole == classes ? -1 : whole;
  }

  /**
   * Throws unless each label is NaN, {@code ignored} or one of 0 to {@code classes - 1}.
   *
   * @throws IllegalArgumentException with the first that is not
   */
  public static void check(Tensor labels, int classes, int ignored) {
    for (int i = 0; i < labels.size(); i++) {
      double label = labels.at(i);
      boolean known = label >= 0 && label < classes && label == (int) label;
      if (!known && label != ignored && !Double.isNaN(label)) {
        throw unknown(label, i, classes);
      }
    }
  }

  /** What is thrown for a label that no class has. */
  private static IllegalArgumentException unknown(double label, int index, int classes) {
    return new IllegalArgumentException(
        "label %s at %d: not one of %d classes".formatted(label, index, classes));
  }
}
