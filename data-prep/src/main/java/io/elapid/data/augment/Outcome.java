package io.elapid.data.augment;

import io.elapid.data.image.Size;

/**
 * What size a picture may have at some point of a pipeline.
 *
 * @param size that it has, or that holds it
 */
public record Outcome(Size size, Certainty certainty) {
  /** How much is known. */
  public enum Certainty {
    /** It has this size. */
    EXACT,
    /** It has some size that fits into this one. */
    AT_MOST
  }

  public static Outcome exact(Size size) {
    return new Outcome(size, Certainty.EXACT);
  }

  static Outcome atMost(int width, int height) {
    return new Outcome(new Size(width, height), Certainty.AT_MOST);
  }

  Outcome withSize(Size other) {
    return new Outcome(other, certainty);
  }
}
