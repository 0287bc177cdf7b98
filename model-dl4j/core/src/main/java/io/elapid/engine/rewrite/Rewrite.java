package io.elapid.engine.rewrite;

/** Replaces operations of a graph by others that compute the same. */
@FunctionalInterface
public interface Rewrite {
  /** Changes {@code graph} wherever the rewrite applies. */
  void apply(OpGraph graph);

  /** What tables call it. */
  default String name() {
    return getClass().getSimpleName();
  }
}
