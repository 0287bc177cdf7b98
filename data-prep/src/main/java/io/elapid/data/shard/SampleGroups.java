package io.elapid.data.shard;

import io.elapid.data.source.Listed;
import io.elapid.data.source.ListedAnnotation;
import io.elapid.data.source.ListedProblem;
import io.elapid.data.source.SampleRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/** Gathers what was listed of each sample; it comes one after the other, with the same id. */
final class SampleGroups implements Iterator<SampleGroups.Group> {
  /**
   * All that was listed of a sample.
   *
   * @param pictures one, if all is well
   * @param annotations by position
   * @param problems by position
   */
  record Group(
      String id,
      String split,
      List<SampleRef> pictures,
      List<ListedAnnotation> annotations,
      List<ListedProblem> problems) {}

  private final Iterator<? extends Listed> listed;
  private Listed next;

  SampleGroups(Iterator<? extends Listed> listed) {
    this.listed = listed;
    advance();
  }

  private void advance() {
    next = listed.hasNext() ? listed.next() : null;
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Group next() {
    Group group =
        new Group(next.id(), next.split(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    while (next != null && next.id().equals(group.id)) {
      if (next instanceof SampleRef picture) {
        group.pictures.add(picture);
      } else if (next instanceof ListedAnnotation annotation) {
        group.annotations.add(annotation);
      } else if (next instanceof ListedProblem problem) {
        group.problems.add(problem);
      }
      advance();
    }
    // What is listed twice may arrive in any order; the choice must not depend on it.
    group.pictures.sort(Comparator.comparing(SampleRef::path).thenComparingLong(SampleRef::offset));
    return group;
  }
}
