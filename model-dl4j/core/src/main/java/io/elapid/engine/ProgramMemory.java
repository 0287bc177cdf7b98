package io.elapid.engine;

import io.elapid.graph.Arena;

/**
 * Where a program that learns takes memory from.
 *
 * @param own for inputs and outputs
 * @param vector for what it computes
 * @param working for what it needs while it runs
 */
record ProgramMemory(Arena.Source own, Arena.Source vector, Arena.Source working) {
  /** All of it from one place. */
  static ProgramMemory of(Arena.Source all) {
    return new ProgramMemory(all, all, all);
  }
}
