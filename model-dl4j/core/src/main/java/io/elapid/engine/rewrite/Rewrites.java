package io.elapid.engine.rewrite;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rewrites a program is compiled with.
 *
 * @param steps in the order in which they are applied
 */
public record Rewrites(List<Rewrite> steps) {
  /** Those that have the backward pass compute maps anew. */
  private static final List<Rewrite> RECOMPUTING =
      List.of(new RecomputedMaps(), new RecomputedNorms());

  /** Keeps its own copy. */
  public Rewrites {
    steps = List.copyOf(steps);
  }

  /** None: the operations are those of the graph. */
  public static Rewrites none() {
    return new Rewrites(List.of());
  }

  /** All, in the order in which they profit from one another. */
  public static Rewrites all() {
    List<Rewrite> steps = new ArrayList<>(keepingMaps().steps());
    steps.addAll(RECOMPUTING);
    return new Rewrites(steps);
  }

  /** All but those that compute maps anew on the way back: more memory for less time. */
  public static Rewrites keepingMaps() {
    return new Rewrites(
        List.of(
            new PassedGradients(),
            new CommonSubexpressions(),
            new FusedConvolutions(),
            new MergedShortcuts(),
            new Sums()));
  }

  /** All but the one of that {@linkplain Rewrite#name name}. */
  public Rewrites without(String name) {
    return new Rewrites(steps.stream().filter(step -> !step.name().equals(name)).toList());
  }

  /** Applies them to {@code graph}. */
  public void apply(OpGraph graph) {
    steps.forEach(step -> step.apply(graph));
  }
}
