package io.elapid.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Runs one body per rank, each in its own thread. */
final class Ranks {
  static final byte[] TOKEN = "a secret of the run that is long".getBytes(UTF_8);

  /** What one rank does. */
  interface Body<T> {
    T run(Collective collective) throws Exception;
  }

  private Ranks() {}

  static PeerSettings settings(Duration operation) {
    return settings(operation, PeerSettings.Protection.AUTHENTICATED);
  }

  static PeerSettings settings(Duration operation, PeerSettings.Protection protection) {
    return new PeerSettings(
        "run-1",
        0,
        TOKEN,
        protection,
        "127.0.0.1",
        PeerSettings.PortRange.EPHEMERAL,
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        operation);
  }

  /** What {@code BarrierTaskContext.allGather} does, between threads. */
  static Function<Integer, Function<String, List<String>>> exchange(int size) {
    String[] lines = new String[size];
    CyclicBarrier barrier = new CyclicBarrier(size);
    return rank ->
        line -> {
          lines[rank] = line;
          try {
            barrier.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
          }
          return List.of(lines);
        };
  }

  /** Real sockets on the loopback interface. */
  static <T> List<T> overSockets(int size, Duration operation, Body<T> body) throws Exception {
    return overSockets(size, settings(operation), body);
  }

  static <T> List<T> overSockets(int size, PeerSettings settings, Body<T> body) throws Exception {
    return all(socketCalls(size, settings, body));
  }

  /** The same, for bodies that fail: what each rank threw, by rank; null for nothing. */
  static <T> List<Throwable> failuresOverSockets(int size, Duration operation, Body<T> body)
      throws Exception {
    return all(socketCalls(size, settings(operation), body).stream().map(Ranks::caught).toList());
  }

  private static <T> List<Callable<T>> socketCalls(int size, PeerSettings settings, Body<T> body) {
    Function<Integer, Function<String, List<String>>> exchange = exchange(size);
    List<Callable<T>> calls = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      int me = rank;
      calls.add(
          () -> {
            try (Collective collective =
                new FixedTreeAllReduce(Peers.open(settings, exchange.apply(me), me, size))) {
              return body.run(collective);
            }
          });
    }
    return calls;
  }

  static <T> List<T> inProcess(int size, Duration timeout, Body<T> body) throws Exception {
    return all(memberCalls(size, timeout, body));
  }

  static <T> List<Throwable> failuresInProcess(int size, Duration timeout, Body<T> body)
      throws Exception {
    return all(memberCalls(size, timeout, body).stream().map(Ranks::caught).toList());
  }

  private static <T> List<Callable<T>> memberCalls(int size, Duration timeout, Body<T> body) {
    List<Callable<T>> calls = new ArrayList<>();
    for (Collective member : InProcess.group(size, timeout)) {
      calls.add(
          () -> {
            try (member) {
              return body.run(member);
            }
          });
    }
    return calls;
  }

  private static <T> Callable<Throwable> caught(Callable<T> call) {
    return () -> {
      try {
        call.call();
        return null;
      } catch (Exception e) {
        return e;
      }
    };
  }

  static <T> List<T> all(List<Callable<T>> calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    try {
      List<Future<T>> futures = new ArrayList<>();
      calls.forEach(call -> futures.add(threads.submit(call)));
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        try {
          results.add(future.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        }
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
