package io.elapid.engine;

/**
 * Native memory of a trainer, in bytes.
 *
 * @param state parameters, buffers, moments and moving average
 * @param vector gradients and statistics
 * @param arena intermediate results of a step
 * @param unshared what those would take if no two shared memory
 */
public record MemoryUse(long state, long vector, long arena, long unshared) {}
