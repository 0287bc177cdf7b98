package io.elapid.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation does, besides sums. */
class CollectiveTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** A way to run ranks. */
  interface Runner {
    <T> List<T> run(int size, Ranks.Body<T> body) throws Exception;
  }

  private record Sockets() implements Runner {
    @Override
    public <T> List<T> run(int size, Ranks.Body<T> body) throws Exception {
      return Ranks.overSockets(size, TIMEOUT, body);
    }
  }

  private record Threads() implements Runner {
    @Override
    public <T> List<T> run(int size, Ranks.Body<T> body) throws Exception {
      return Ranks.inProcess(size, TIMEOUT, body);
    }
  }

  static Stream<Arguments> runners() {
    return Stream.of(new Sockets(), new Threads())
        .flatMap(runner -> Stream.of(1, 2, 3, 5).map(size -> Arguments.of(runner, size)));
  }

  @ParameterizedTest
  @MethodSource("runners")
  void messagesArriveInRankOrderWhateverTheirLength(Runner runner, int size) throws Exception {
    List<String> gathered =
        runner.run(
            size,
            collective -> {
              byte[] mine = "x".repeat(collective.rank() * 1000).getBytes(UTF_8);
              return collective.allGather(mine).stream()
                  .map(message -> String.valueOf(message.length))
                  .collect(Collectors.joining(","));
            });

    String expected =
        Stream.iterate(0, i -> i + 1000)
            .limit(size)
            .map(String::valueOf)
            .collect(Collectors.joining(","));
    assertThat(gathered).containsOnly(expected).hasSize(size);
  }

  @ParameterizedTest
  @MethodSource("runners")
  void aBroadcastGivesEveryRankTheBytesOfTheRoot(Runner runner, int size) throws Exception {
    for (int length : new int[] {0, 1, 3_000_001}) {
      byte[] expected = new byte[length];
      new Random(length).nextBytes(expected);
      int root = size - 1;

      List<byte[]> received =
          runner.run(
              size,
              collective -> {
                ByteBuffer data =
                    ByteBuffer.allocateDirect(length + 2).position(1).limit(length + 1);
                if (collective.rank() == root) {
                  data.duplicate().put(expected);
                }
                collective.broadcast(root, data);
                collective.broadcast(root, data);
                byte[] bytes = new byte[length];
                data.get(bytes);
                return bytes;
              });

      assertThat(received).allSatisfy(bytes -> assertThat(bytes).isEqualTo(expected));
    }
  }

  @ParameterizedTest
  @MethodSource("runners")
  void noRankPassesABarrierBeforeAllHaveComeToIt(Runner runner, int size) throws Exception {
    AtomicInteger arrived = new AtomicInteger();

    List<Boolean> complete =
        runner.run(
            size,
            collective -> {
              boolean all = true;
              for (int round = 1; round <= 50; round++) {
                arrived.incrementAndGet();
                collective.barrier();
                all &= arrived.get() >= round * size;
                collective.barrier();
              }
              return all;
            });

    assertThat(complete).containsOnly(true);
  }

  @ParameterizedTest
  @MethodSource("runners")
  void aClosedGroupRefusesFurtherCalls(Runner runner, int size) throws Exception {
    List<Collective> closed =
        runner.run(
            size,
            collective -> {
              collective.barrier();
              collective.close();
              return collective;
            });

    assertThat(closed)
        .allSatisfy(
            collective ->
                assertThatThrownBy(collective::barrier).isInstanceOf(IllegalStateException.class));
  }
}
