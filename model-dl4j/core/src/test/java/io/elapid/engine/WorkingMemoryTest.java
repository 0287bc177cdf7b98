package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.graph.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class WorkingMemoryTest {
  @Test
  void programsTakeTurnsInOneBlockUntilOneNeedsMore() {
    List<String> events = new ArrayList<>();
    try (WorkingMemory memory = new WorkingMemory(() -> events.add("outgrown"))) {
      Arena first = memory.take(DataType.FLOAT, 10);
      first.buffer().putFloat(8, 3);
      first.close();
      Arena second = memory.take(DataType.FLOAT, 5);
      assertThat(second.length()).isEqualTo(5);
      assertThat(second.buffer().getFloat(8)).isEqualTo(3);
      assertThat(events).isEmpty();
      Arena larger = memory.take(DataType.FLOAT, 11);
      assertThat(events).containsExactly("outgrown");
      assertThat(larger.buffer().getFloat(8)).isZero();
      assertThat(larger.bytes()).isEqualTo(44);
    }
  }
}
