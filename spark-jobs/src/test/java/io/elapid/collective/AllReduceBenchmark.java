package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Prints what an all-reduce over loopback sockets costs; {@code -Delapid.benchmark=true}. */
@EnabledIfSystemProperty(named = "elapid.benchmark", matches = "true")
class AllReduceBenchmark {
  private static final int ROUNDS = 30;

  @Test
  void printsMillisecondsPerAllReduce() throws Exception {
    for (int megabytes : new int[] {1, 27, 200}) {
      for (int ranks : new int[] {2, 4}) {
        measure(ranks, megabytes);
      }
    }
  }

  /** The yardstick: as many bytes each way at once, between two threads and one socket. */
  @Test
  void printsMillisecondsPerRawCopy() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel one = SocketChannel.open(server.getLocalAddress());
          SocketChannel two = server.accept()) {
        for (int megabytes : new int[] {1, 27, 200}) {
          long[] times = new long[ROUNDS];
          for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long bytes = megabytes * 1_000_000L;
            Ranks.all(
                List.of(
                    () -> write(one, bytes),
                    () -> write(two, bytes),
                    () -> read(one, bytes),
                    () -> read(two, bytes)));
            times[round] = System.nanoTime() - start;
          }
          Arrays.sort(times);
          System.out.printf(
              "raw copy both ways, %d MB: best %.1f ms, median %.1f ms%n",
              megabytes, times[0] / 1e6, times[ROUNDS / 2] / 1e6);
        }
      }
    }
  }

  private static Void write(SocketChannel channel, long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 18);
    for (long left = bytes; left > 0; ) {
      left -= channel.write(chunk.clear().limit((int) Math.min(chunk.capacity(), left)));
    }
    return null;
  }

  private static Void read(SocketChannel channel, long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 18);
    for (long left = bytes; left > 0; ) {
      left -= channel.read(chunk.clear().limit((int) Math.min(chunk.capacity(), left)));
    }
    return null;
  }

  private static void measure(int ranks, int megabytes) throws Exception {
    int length = megabytes * 1_000_000 / Float.BYTES;
    List<long[]> nanos =
        Ranks.overSockets(
            ranks,
            Duration.ofMinutes(1),
            collective -> {
              TreeSum sum = TreeSum.forRank(ranks, collective.rank(), ranks, length);
              ByteBuffer leaf = AllReduceTest.direct(length);
              ByteBuffer result = AllReduceTest.direct(length);
              long[] times = new long[ROUNDS];
              for (int round = 0; round < ROUNDS; round++) {
                sum.add(sum.first(), leaf);
                collective.barrier();
                long start = System.nanoTime();
                collective.allReduce(sum, result);
                times[round] = System.nanoTime() - start;
              }
              return times;
            });
    long[] times = nanos.get(0);
    Arrays.sort(times);
    double wire = 2.0 * (ranks - 1) / ranks * megabytes;
    System.out.printf(
        "%d ranks, %d MB: best %.1f ms, median %.1f ms, %.2f GB/s on the wire per rank%n",
        ranks,
        megabytes,
        times[0] / 1e6,
        times[ROUNDS / 2] / 1e6,
        wire / (times[ROUNDS / 2] / 1e6));
    assertThat(times[0]).isPositive();
  }
}
