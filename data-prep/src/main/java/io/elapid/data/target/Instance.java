package io.elapid.data.target;

/**
 * One object in a decoded picture.
 *
 * @param annotation as stored, in the coordinates of the whole picture
 * @param box in the coordinates of the present pixels, cut at their edges
 */
public record Instance(ObjectAnnotation annotation, Box box, Role role) {

  /** What a detector does with it. */
  public enum Role {
    /** It is to be found. */
    WANTED,
    /** A crowd, or an object whose mask is to be learnt and not known: no target. */
    IGNORED
  }

  /** Class index. */
  public int label() {
    return annotation.label();
  }

  public Instance withBox(Box moved) {
    return new Instance(annotation, moved, role);
  }
}
