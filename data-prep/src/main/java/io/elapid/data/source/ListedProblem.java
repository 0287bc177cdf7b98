package io.elapid.data.source;

import java.util.Objects;

/**
 * Something about a sample that could not be used and was left out, while the sample itself stays.
 *
 * @param position among what was found of the sample, from 0
 * @param source the file at fault
 * @param reason what was wrong, in a few words
 */
public record ListedProblem(String split, String id, long position, String source, String reason)
    implements Listed {
  private static final long serialVersionUID = 1L;

  public ListedProblem {
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
  }

  @Override
  public long order() {
    return 1 + position;
  }
}
