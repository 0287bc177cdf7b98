package io.elapid.engine;

import io.elapid.graph.Arena;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Memory that the programs of one owner take turns in, as large as the largest needs: only one of
 * them runs at a time, and none leaves anything there for its next run.
 */
final class WorkingMemory implements Arena.Source, AutoCloseable {
  private final Runnable outgrown;
  private Arena memory;

  /**
   * Nothing yet.
   *
   * @param outgrown closes all programs, before memory is replaced because one needs more
   */
  WorkingMemory(Runnable outgrown) {
    this.outgrown = outgrown;
  }

  @Override
  public Arena take(DataType type, long length) {
    if (memory != null && (memory.type() != type || memory.length() < length)) {
      outgrown.run();
      close();
    }
    if (memory == null) {
      memory = EngineMemory.take(type, length);
    }
    return memory.part(length);
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
