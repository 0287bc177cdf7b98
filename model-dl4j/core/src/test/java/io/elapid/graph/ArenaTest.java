package io.elapid.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
final class ArenaTest {
  private static final int LARGE = 16 << 20;

  @Test
  void isZeroThoughItsMemoryWasSomebodyElses() {
    for (int round = 0; round < 3; round++) {
      for (int elements : new int[] {1, 1000, LARGE / Float.BYTES}) {
        try (Arena arena = Arena.allocate(DataType.FLOAT, elements)) {
          ByteBuffer bytes = arena.buffer();
          assertEquals(elements * Float.BYTES, bytes.capacity());
          for (int i = 0; i < elements; i++) {
            assertEquals(0, bytes.getInt(Float.BYTES * i));
            bytes.putInt(Float.BYTES * i, -1);
          }
        }
      }
    }
  }

  @Test
  void beginsWhereALineOfTheCacheDoes() {
    for (int elements : new int[] {1, 1000, LARGE / Float.BYTES}) {
      try (Arena arena = Arena.allocate(DataType.FLOAT, elements)) {
        assertEquals(0, new BytePointer(arena.buffer()).address() % 64);
        arena.buffer().putFloat(Float.BYTES * (elements - 1), elements);
        assertEquals(elements, arena.view(0, elements).getFloat(elements - 1));
      }
    }
  }
}
