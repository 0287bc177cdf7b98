package io.elapid.engine;

/**
 * Native memory of a trainer or an evaluator, in bytes.
 *
 * @param state parameters, buffers, moments and moving average
 * @param vector gradients and statistics; nothing in an evaluator
 * @param batch pictures, targets and scores
 * @param arena intermediate results of a step
 * @param unshared what those would take if no two shared memory
 */
public record MemoryUse(long state, long vector, long batch, long arena, long unshared) {

  /** Of a trainer that computes so many shards side by side. */
  public MemoryUse sideBySide(int shards) {
    return new MemoryUse(state, shards * vector, shards * batch, shards * arena, shards * unshared);
  }

  /** All of it during a step; scratch memory of native operations and kernels comes on top. */
  public long peak() {
    return state + vector + batch + arena;
  }
}
