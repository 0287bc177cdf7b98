package io.elapid.cli;

import io.elapid.collective.Collective;
import io.elapid.collective.FixedTreeAllReduce;
import io.elapid.collective.PeerSettings;
import io.elapid.collective.PeerSettings.PortRange;
import io.elapid.collective.PeerSettings.Protection;
import io.elapid.collective.Peers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ranks as threads of this process, with real sockets between them. */
final class LoopbackRanks {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SECRET_BYTES = 32;

  private LoopbackRanks() {}

  /** What one rank does. */
  interface Body<T> {
    T run(Collective collective) throws Exception;
  }

  /** Returns what the ranks return, in their order. */
  static <T> List<T> run(int ranks, Protection protection, Body<T> body) throws Exception {
    PeerSettings settings = settings(protection);
    String[] lines = new String[ranks];
    CyclicBarrier announced = new CyclicBarrier(ranks);
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int me = rank;
        futures.add(
            threads.submit(
                () -> {
                  Peers peers =
                      Peers.open(settings, line -> tell(lines, announced, me, line), me, ranks);
                  try (Collective collective = new FixedTreeAllReduce(peers)) {
                    return body.run(collective);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static PeerSettings settings(Protection protection) {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new PeerSettings(
        "bench",
        0,
        secret,
        protection,
        "127.0.0.1",
        PortRange.EPHEMERAL,
        PATIENCE,
        PATIENCE,
        PATIENCE);
  }

  private static List<String> tell(String[] lines, CyclicBarrier announced, int rank, String line) {
    lines[rank] = line;
    try {
      announced.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
    return List.of(lines);
  }
}
