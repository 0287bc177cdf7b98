package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramCacheTest {
  private final List<String> events = new ArrayList<>();

  /** Notes its life. */
  private final class Program implements AutoCloseable {
    private final int side;

    Program(int side) {
      this.side = side;
      events.add("compile " + side);
    }

    @Override
    public void close() {
      events.add("close " + side);
    }
  }

  @Test
  void theLeastRecentlyUsedShapeMakesRoomBeforeANewOneIsCompiled() {
    ProgramCache<Program> cache = new ProgramCache<>(2, input -> new Program(input.height()));
    Program first = cache.forShape(Frame.square(1, 32));
    cache.forShape(Frame.square(1, 64));
    assertThat(cache.forShape(Frame.square(1, 32))).isSameAs(first);
    cache.forShape(Frame.square(1, 96));
    assertThat(events).containsExactly("compile 32", "compile 64", "close 64", "compile 96");
    assertThat(cache.size()).isEqualTo(2);
    cache.close();
    assertThat(events).endsWith("close 32", "close 96").hasSize(6);
  }
}
