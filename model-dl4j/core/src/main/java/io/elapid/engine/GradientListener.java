package io.elapid.engine;

import java.nio.ByteBuffer;

/**
 * Is told of gradients that are final while the step that computes them is still running, on the
 * thread that runs it. The backward pass finishes the last layers first.
 */
@FunctionalInterface
public interface GradientListener {
  /** Nobody who listens: gradients stay on the device that computed them until they are read. */
  GradientListener NONE = (from, to) -> {};

  /** The step begins; what becomes final lies in this vector, which is the shard's. */
  default void begins(ByteBuffer vector) {}

  /**
   * Elements {@code from} (inclusive) to {@code to} (exclusive) of the shard's vector are final.
   */
  void ready(int from, int to);
}
