package io.elapid.engine;

import io.elapid.graph.Arena;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Memory of what programs compute with: where the kernels of this process want it, which may be
 * memory that a device reaches too.
 */
final class EngineMemory {
  private EngineMemory() {}

  /** Zeroed memory for {@code length} elements. */
  static Arena take(DataType type, long length) {
    OpRunner runner = OpRegistry.register();
    return runner
        .kernels()
        .memory()
        .map(unified -> Arena.allocate(type, length, unified))
        .orElseGet(() -> Arena.allocate(type, length));
  }
}
