package io.elapid.engine;

import java.util.function.BiFunction;

/**
 * Programs for one shard at a time, in memory that they take turns in. As many lanes as shards that
 * are computed side by side.
 */
final class ShardLane implements AutoCloseable {
  private final ProgramCache<ShardProgram> programs;
  private final WorkingMemory vector;
  private final WorkingMemory working;

  /**
   * A lane.
   *
   * @param frames that it stays compiled for
   */
  ShardLane(int frames, BiFunction<Frame, ProgramMemory, ShardProgram> compiler) {
    this.programs = new ProgramCache<>(frames, frame -> compiler.apply(frame, memory()));
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
