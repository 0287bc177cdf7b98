package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** The collective between threads of one process: the sums of the sockets without the sockets. */
public final class InProcess implements Collective {

  /** What the ranks share; slots are written before a barrier and read after it. */
  private static final class Group {
    final CyclicBarrier barrier;
    final Duration timeout;
    final Object[] slots;
    final AtomicReference<String> failure = new AtomicReference<>();
    final AtomicReference<String> departure = new AtomicReference<>();

    Group(int size, Duration timeout) {
      this.barrier = new CyclicBarrier(size);
      this.timeout = timeout;
      this.slots = new Object[size];
    }

    void fail(String reason) {
      failure.compareAndSet(null, reason);
      barrier.reset();
    }
  }

  /** What a rank has for each of the ranks. */
  private record Outbox(List<byte[]> messages) {}

  private final Group group;
  private final int rank;
  private String phase = "";
  private boolean closed;

  private InProcess(Group group, int rank) {
    this.group = group;
    this.rank = rank;
  }

  /** A group of one. */
  public static Collective single() {
    return group(1, Duration.ofDays(1)).get(0);
  }

  /** The members of a group, one for each thread. */
  public static List<Collective> group(int size, Duration timeout) {
    Group group = new Group(size, timeout);
    List<Collective> members = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      members.add(new InProcess(group, rank));
    }
    return members;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return group.slots.length;
  }

  @Override
  public void allReduce(TreeSum leaves, int from, int to, ByteBuffer result) {
    leaves.parts(from, to);
    FloatBuffer sum = Buffers.result(result, leaves.length()).asFloatBuffer();
    List<TreeSum> all = exchange("all-reduce", leaves, TreeSum.class);
    ReducePlan plan =
        new ReducePlan(
            leaves.leaves(),
            all.stream().map(s -> new ReducePlan.Share(s.first(), s.count())).toList());
    Fold fold = plan.whole();
    FloatBuffer[] inputs =
        fold.inputs().stream()
            .map(Fold.Own.class::cast)
            .map(own -> all.get(own.rank()).parts(from, to).get(own.part()).floats())
            .map(ByteBuffer::asFloatBuffer)
            .toArray(FloatBuffer[]::new);
    new ChunkReducer(fold).reduce(inputs, new int[inputs.length], sum, from, to - from);
    await("all-reduce");
  }

  @Override
  public void barrier() {
    await("barrier");
  }

  @Override
  public List<byte[]> allGather(byte[] mine) {
    return exchange("all-gather", mine.clone(), byte[].class);
  }

  @Override
  public List<byte[]> exchange(List<byte[]> messages) {
    return exchange("exchange", new Outbox(List.copyOf(messages)), Outbox.class).stream()
        .map(outbox -> outbox.messages().get(rank).clone())
        .toList();
  }

  @Override
  public void broadcast(int root, ByteBuffer data) {
    ByteBuffer source = exchange("broadcast", data.duplicate(), ByteBuffer.class).get(root);
    if (rank != root) {
      data.duplicate().put(source.duplicate());
    }
    await("broadcast");
  }

  private <T> List<T> exchange(String name, T mine, Class<T> type) {
    await(name);
    group.slots[rank] = mine;
    await(name);
    return Arrays.stream(group.slots).<T>map(type::cast).toList();
  }

  private void await(String name) {
    check();
    String where = "during " + name + (phase.isEmpty() ? "" : " of " + phase);
    String departure = group.departure.get();
    if (departure != null) {
      group.fail(departure + " " + where);
      check();
    }
    try {
      group.barrier.await(group.timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      group.fail("rank " + rank + " was interrupted " + where);
    } catch (TimeoutException e) {
      group.fail("another rank did not come within " + group.timeout.toMillis() + " ms " + where);
    } catch (BrokenBarrierException e) {
      group.fail("another rank gave up " + where);
    }
    check();
  }

  @Override
  public long bytesSent() {
    return 0;
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public void phase(String name) {
    phase = name;
  }

  @Override
  public void check() {
    if (closed) {
      throw new IllegalStateException("the group is closed");
    }
    String failure = group.failure.get();
    if (failure != null) {
      throw new CollectiveException(failure);
    }
  }

  @Override
  public void abort(String reason) {
    group.fail("rank " + rank + " stopped the run: " + reason);
  }

  @Override
  public void close() {
    closed = true;
    group.departure.compareAndSet(null, "rank " + rank + " left the group");
    if (group.barrier.getNumberWaiting() > 0) {
      group.fail(group.departure.get());
    }
  }
}
