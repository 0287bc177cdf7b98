package io.elapid.engine;

import java.util.function.BiFunction;

/**
 * Programs for one shard at a time, in memory that they take turns in. As many lanes as shards that
 * are computed side by side.
 */
final class ShardLane implements AutoCloseable {
  /** Frames that a run may go through without compiling again. */
  static final int CACHED_SHAPES = 16;

  private final ProgramCache<ShardProgram> programs;
  private final WorkingMemory vector;
  private final WorkingMemory working;

  ShardLane(BiFunction<Frame, ProgramMemory, ShardProgram> compiler) {
    this.programs = new ProgramCache<>(CACHED_SHAPES, frame -> compiler.apply(frame, memory()));
    this.vector = new WorkingMemory(programs::clear);
    this.working = new WorkingMemory(programs::clear);
  }

  private ProgramMemory memory() {
    return new ProgramMemory(EngineMemory::take, vector, working);
  }

  ShardProgram forShape(Frame frame) {
    return programs.forShape(frame);
  }

  @Override
  public void close() {
    programs.close();
    working.close();
    vector.close();
  }
}
