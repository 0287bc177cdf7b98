package io.elapid.data.source;

import io.elapid.data.target.ObjectAnnotation;
import java.util.Objects;

/**
 * An object in a picture that is listed by itself.
 *
 * @param position in the annotation file, from 0
 * @param source the annotation file
 */
public record ListedAnnotation(
    String split, String id, long position, String source, ObjectAnnotation annotation)
    implements Listed {
  private static final long serialVersionUID = 1L;

  public ListedAnnotation {
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(annotation, "annotation");
  }

  @Override
  public long order() {
    return 1 + position;
  }
}
