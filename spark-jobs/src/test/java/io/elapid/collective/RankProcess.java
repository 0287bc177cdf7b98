package io.elapid.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One rank in a process of its own. Says where it listens on standard output, reads where all do
 * from standard input, sums the given number of rounds and prints the hash of the last sum or the
 * failure.
 */
final class RankProcess {
  /** System property: ranks sum over the devices that have their numbers. */
  static final String ON_DEVICES = "elapid.test.devices";

  private RankProcess() {}

  public static void main(String[] args) throws Exception {
    int rank = Integer.parseInt(args[0]);
    int size = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    int length = Integer.parseInt(args[3]);
    Duration timeout = Duration.parse(args[4]);
    PeerSettings.Protection protection = PeerSettings.Protection.valueOf(args[5]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    FixedTreeAllReduce sockets =
        new FixedTreeAllReduce(
            Peers.open(
                Ranks.settings(timeout, protection), line -> exchange(in, line), rank, size));
    try (Collective collective =
        Boolean.getBoolean(ON_DEVICES) ? onDevices(sockets, timeout) : sockets) {
      System.out.println(sum(collective, rounds, length));
    } catch (CollectiveException e) {
      System.out.println("FAILED " + e.getMessage());
      System.exit(3);
    }
  }

  private static Collective onDevices(FixedTreeAllReduce sockets, Duration timeout) {
    System.setProperty(Accelerator.DEVICE, Integer.toString(sockets.rank()));
    AcceleratorProvider cuda = AcceleratorProvider.named("cuda").orElseThrow();
    NcclAllReduce.Agreement agreed =
        NcclAllReduce.agree(sockets, cuda::sums, Duration.ofSeconds(10), timeout);
    if (!agreed.obstacle().isEmpty()) {
      throw new IllegalStateException(agreed.obstacle());
    }
    return agreed.collective();
  }

  private static List<String> exchange(BufferedReader in, String line) {
    try {
      System.out.println(line);
      return List.of(in.readLine().split(";"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sum(Collective collective, int rounds, int length) {
    TreeSum sum = TreeSum.forRank(8, collective.rank(), collective.size(), length);
    ByteBuffer[] leaves =
        Stream.iterate(sum.first(), i -> i + 1)
            .limit(sum.count())
            .map(i -> AllReduceTest.leaf(i, length))
            .toArray(ByteBuffer[]::new);
    ByteBuffer result = AllReduceTest.direct(length);
    for (int round = 0; round < rounds; round++) {
      collective.phase("step " + round);
      for (int i = 0; i < leaves.length; i++) {
        sum.add(sum.first() + i, leaves[i]);
      }
      collective.allReduce(sum, result);
      if (round == 2) {
        System.out.println("RUNNING");
      }
    }
    collective.barrier();
    return "SUM " + Arrays.hashCode(AllReduceTest.floats(result));
  }
}
