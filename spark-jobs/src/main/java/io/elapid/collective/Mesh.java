package io.elapid.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Runs operations over the links to all peers: one thread per link that sends, one that receives
 * ({@link LinkPump}) and computes with what has come in, while the cache still has it; the caller
 * computes what needs nothing from others, and watches the deadline. The first failure ends
 * everything: it is kept, sent to the other peers, and the sockets are closed.
 */
final class Mesh implements AutoCloseable {
  /** How long goodbyes may take before the sockets are closed over them. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

  /** How long a rank that only suspects another waits for one that knows. */
  private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * Why the group ended.
   *
   * @param origin the rank that says so
   * @param reason what it says, and what is passed on
   * @param message the same as this rank reports it
   */
  record Failure(int origin, String reason, String message, Throwable cause) {}

  private final int rank;
  private final Link[] links;
  private final long timeoutNanos;
  private final List<Thread> threads = new ArrayList<>();

  // Everything below is guarded by the lock; the condition signals any change of it.
  final ReentrantLock lock = new ReentrantLock();
  final Condition changed = lock.newCondition();
  private final boolean[] left;
  private final long[] sentUpTo;
  private final long[] announcedUpTo;
  private final long[] enteredUpTo;
  private Operation operation;
  private long sequence;
  private int receiving;
  private String phase = "";
  private String lastName = "start";
  private Failure failure;
  private boolean closing;

  /**
   * Takes over the links.
   *
   * @param links by rank; null at this rank's own place
   */
  Mesh(int rank, Link[] links, Duration timeout) {
    this.rank = rank;
    this.links = links;
    this.timeoutNanos = timeout.toNanos();
    this.left = new boolean[links.length];
    this.sentUpTo = new long[links.length];
    this.announcedUpTo = new long[links.length];
    this.enteredUpTo = new long[links.length];
    for (Link link : links) {
      if (link != null) {
        receiving++;
        LinkPump pump = new LinkPump(this, link);
        threads.add(daemon("elapid-send-" + link.peer().rank(), pump::sendAll));
        threads.add(daemon("elapid-receive-" + link.peer().rank(), pump::receiveAll));
      }
    }
    threads.forEach(Thread::start);
  }

  static Thread daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  int rank() {
    return rank;
  }

  int size() {
    return links.length;
  }

  long bytesSent() {
    return Arrays.stream(links).filter(Objects::nonNull).mapToLong(Link::sent).sum();
  }

  long bytesReceived() {
    return Arrays.stream(links).filter(Objects::nonNull).mapToLong(Link::received).sum();
  }

  void phase(String name) {
    locked(() -> phase = name);
  }

  /** Throws the failure of the group, if any. */
  void check() {
    locked(this::throwIfFailed);
  }

  boolean isComplete() {
    lock.lock();
    try {
      return peers(peer -> left[peer]).isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #check}, and a peer that has left is a failure, too. */
  void requireAll(String where) {
    locked(
        () -> {
          throwIfFailed();
          peers(peer -> left[peer]).stream()
              .findFirst()
              .ifPresent(peer -> fail(links[peer].peer() + " left the group " + where, null));
          throwIfFailed();
        });
  }

  void abort(String reason) {
    locked(() -> fail(new Failure(rank, reason, reason, null)));
  }

  private void locked(Runnable body) {
    lock.lock();
    try {
      body.run();
    } finally {
      lock.unlock();
    }
  }

  /** Runs one operation to its end, or throws the first cause of its failure. */
  void run(Operation next) {
    lock.lock();
    try {
      throwIfFailed();
      if (operation != null) {
        throw new IllegalStateException("called from two threads: " + next.name());
      }
      operation = next;
      sequence++;
      changed.signalAll();
      await(System.nanoTime() + timeoutNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("rank " + rank + " was interrupted " + where(), e);
      throwIfFailed();
    } finally {
      lastName = next.name();
      operation = null;
      lock.unlock();
    }
  }

  private void await(long deadline) throws InterruptedException {
    while (!finished()) {
      throwIfFailed();
      if (progressed()) {
        continue;
      }
      long remaining = deadline - System.nanoTime();
      if (remaining <= 0) {
        remaining += doubtNanos(remaining);
      }
      if (remaining > 0) {
        changed.awaitNanos(remaining);
      }
    }
  }

  /** At the deadline: fails, or returns how much longer another rank may take to do it. */
  private long doubtNanos(long remaining) {
    Operation.Suspects suspects = suspects();
    long doubt = Math.min(DOUBT_NANOS, timeoutNanos / 4);
    if (suspects.certain() || remaining + doubt <= 0) {
      fail(timeoutMessage(suspects.peers()), null);
    }
    return doubt;
  }

  /** First who did not even begin, then who owes something. */
  private Operation.Suspects suspects() {
    List<Integer> awaited = awaited();
    List<Integer> absent = peers(peer -> enteredUpTo[peer] < sequence);
    if (!absent.isEmpty()) {
      return new Operation.Suspects(absent, true);
    }
    return awaited.isEmpty() ? new Operation.Suspects(unsent(), true) : operation.suspects(awaited);
  }

  private boolean finished() {
    return operation.computed() && unsent().isEmpty() && awaited().isEmpty();
  }

  private List<Integer> awaited() {
    return peers(operation::awaits);
  }

  private List<Integer> unsent() {
    return peers(peer -> sentUpTo[peer] < sequence);
  }

  private List<Integer> peers(IntPredicate chosen) {
    return IntStream.range(0, links.length)
        .filter(peer -> peer != rank && chosen.test(peer))
        .boxed()
        .toList();
  }

  /** Computes what there is to compute; false if only a change from outside helps. */
  private boolean progressed() {
    if (computed(operation)) {
      return true;
    }
    for (int peer : awaited()) {
      if (left[peer]) {
        fail(links[peer].peer() + " left the group " + where(), null);
        return true;
      }
    }
    return false;
  }

  /** Computes what can be computed now; gives the lock back while it does. */
  void computeAll(Operation current) {
    boolean more = true;
    while (more) {
      more = !ended() && computed(current);
    }
  }

  private boolean computed(Operation current) {
    int work = current.work();
    if (work == Operation.IDLE) {
      return false;
    }
    lock.unlock();
    try {
      current.perform(work);
    } catch (RuntimeException | Error e) {
      abort("rank " + rank + " failed " + where() + ": " + e);
      throw e;
    } finally {
      lock.lock();
    }
    current.performed(work);
    changed.signalAll();
    return true;
  }

  private String timeoutMessage(List<Integer> suspects) {
    return suspects.stream()
            .map(peer -> links[peer].peer().toString())
            .collect(Collectors.joining(", "))
        + (awaited().isEmpty() ? " did not read" : " did not send what was due")
        + " within "
        + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) / 1000.0
        + " s "
        + where();
  }

  /** "during all-reduce of step 12". */
  String where() {
    String of = phase.isEmpty() ? "" : " of " + phase;
    return operation == null ? "after " + lastName + of : "during " + operation.name() + of;
  }

  // What the pumps call, all with the lock held.

  /** The operation whose frames to a peer have not all been sent, or null. */
  Operation unsentTo(int peer) {
    return operation != null && sentUpTo[peer] < sequence ? operation : null;
  }

  long sequence() {
    return sequence;
  }

  /** Whether a peer has still to be told that this rank is in the operation; it is told once. */
  boolean announces(int peer) {
    boolean news = announcedUpTo[peer] < sequence;
    announcedUpTo[peer] = sequence;
    return news;
  }

  void enters(int peer, long operationOfPeer) {
    enteredUpTo[peer] = Math.max(enteredUpTo[peer], operationOfPeer);
  }

  void sentAll(int peer) {
    sentUpTo[peer] = sequence;
    changed.signalAll();
  }

  /** The operation that a frame belongs to, or null if this rank has not come to it yet. */
  Operation operationOf(Frame frame) throws ProtocolException {
    if (frame.sequence() < sequence || (frame.sequence() == sequence && operation == null)) {
      throw new ProtocolException("repeated a " + frame.describe());
    }
    return frame.sequence() == sequence ? operation : null;
  }

  /** The name of a rank, or of the one that relayed its words if there is no such peer. */
  String peerName(int origin, Peer relay) {
    boolean known = origin >= 0 && origin < links.length && links[origin] != null;
    return (known ? links[origin].peer() : relay).toString();
  }

  void leaves(int peer) {
    left[peer] = true;
    changed.signalAll();
  }

  boolean expectsNothingOf(int peer) {
    return closing || left[peer];
  }

  void stopsReceiving() {
    receiving--;
    changed.signalAll();
  }

  boolean ended() {
    return closing || failure != null;
  }

  Failure failure() {
    return failure;
  }

  void fail(String message, Throwable cause) {
    fail(new Failure(rank, message, message, cause));
  }

  /**
   * Keeps the first failure, lets the senders pass it on, and sees to it that the sockets close.
   */
  void fail(Failure first) {
    if (failure != null || closing) {
      return;
    }
    failure = first;
    changed.signalAll();
    daemon("elapid-peers-closer", this::closeLinks).start();
  }

  private void throwIfFailed() {
    if (failure != null) {
      throw new CollectiveException(failure.message(), failure.cause());
    }
    if (closing) {
      throw new IllegalStateException("the group is closed");
    }
  }

  /** Gives the goodbyes their time, then closes the sockets, which ends all threads. */
  private void closeLinks() {
    Uninterrupted.wait(GRACE_NANOS, this::awaitEnds);
    for (Link link : links) {
      if (link != null) {
        link.close();
      }
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    closeLinks();
    // After this no thread touches the caller's buffers any more.
    Uninterrupted.wait(GRACE_NANOS, this::joinThreads);
  }

  private void awaitEnds(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long remaining = nanos;
      while (receiving > 0 && remaining > 0) {
        remaining = changed.awaitNanos(remaining);
      }
    } finally {
      lock.unlock();
    }
  }

  private void joinThreads(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    for (Thread thread : threads) {
      long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      thread.join(Math.max(1, millis));
    }
  }
}
