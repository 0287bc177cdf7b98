package io.elapid.collective;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sums over the ranks' GPUs, by NCCL; everything else over sockets. A rank's own leaves are folded
 * as the tree has them, then one vector for each rank is added in an order that is the library's:
 * every rank receives the same bits, but other ones than with another number of ranks, or over
 * sockets.
 *
 * <p>Before each sum the ranks meet over the sockets. Who does not come is named there, as in all
 * operations; who fails in the middle closes its sockets, which ends the wait of the others.
 */
public final class NcclAllReduce implements Collective {
  private static final Logger LOG = LoggerFactory.getLogger(NcclAllReduce.class);

  /** How long what looks like a failure is waited with, until the sockets tell more of it. */
  private static final long DOUBT_NANOS = Duration.ofSeconds(2).toNanos();

  private static final long PAUSE_NANOS = 10_000_000;

  /** Longest wait of closing for a sum. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

  private final FixedTreeAllReduce sockets;
  private final DeviceSums sums;
  private final Duration timeout;
  private final FloatBlocks blocks = new FloatBlocks();
  private final ReentrantLock inUse = new ReentrantLock();
  private String phase = "";

  private NcclAllReduce(FixedTreeAllReduce sockets, DeviceSums sums, Duration timeout) {
    this.sockets = sockets;
    this.sums = sums;
    this.timeout = timeout;
  }

  /** Takes hold of this rank's device. */
  public interface Opening {
    DeviceSums open() throws AcceleratorUnavailableException;
  }

  /**
   * How the ranks sum from now on.
   *
   * @param collective over devices, or else the sockets; all ranks have the same kind
   * @param library what sums, such as "NCCL 2.21.5"; empty for the sockets
   * @param obstacle why it is the sockets; empty if it is not
   */
  public record Agreement(Collective collective, String library, String obstacle) {}

  /**
   * Has the ranks agree to sum over their devices, which must be different ones with the same
   * library; if any rank cannot, none does.
   *
   * @param sockets closed with what is returned
   * @param forming longest wait for the library to bring the ranks together
   * @param timeout longest wait for one sum
   * @throws CollectiveException when a rank is lost meanwhile
   */
  public static Agreement agree(
      FixedTreeAllReduce sockets, Opening opening, Duration forming, Duration timeout) {
    DeviceSums sums = null;
    try {
      Answers answers = new Answers(sockets);
      DeviceSums opened = answers.obtain(opening::open);
      sums = opened;
      answers.gather(() -> (opened.library() + "\n" + opened.device()).getBytes(Answers.TEXT));
      answers.requireOneLibraryAndManyDevices();
      answers.gather(() -> sockets.rank() == 0 ? opened.newGroup() : new byte[0]);
      byte[] group = answers.ofRank(0);
      answers.gather(() -> join(opened, group, sockets, forming));
      if (answers.obstacle().isEmpty()) {
        NcclAllReduce together = new NcclAllReduce(sockets, opened, timeout);
        return new Agreement(together, opened.library(), "");
      }
      close(sums);
      return new Agreement(sockets, "", answers.obstacle());
    } catch (RuntimeException e) {
      close(sums);
      throw e;
    }
  }

  private static void close(DeviceSums sums) {
    if (sums != null) {
      sums.close();
    }
  }

  private static byte[] join(
      DeviceSums sums, byte[] group, FixedTreeAllReduce sockets, Duration forming) {
    long deadline = System.nanoTime() + forming.toNanos();
    sums.join(
        group,
        sockets.rank(),
        sockets.size(),
        () -> {
          sockets.check();
          if (System.nanoTime() > deadline) {
            throw new IllegalStateException(
                sums.library() + " did not bring the ranks together within " + seconds(forming));
          }
        });
    return new byte[0];
  }

  private static String seconds(Duration time) {
    return time.toMillis() / 1000.0 + " s";
  }

  @Override
  public int rank() {
    return sockets.rank();
  }

  @Override
  public int size() {
    return sockets.size();
  }

  @Override
  public void allReduce(TreeSum leaves, int from, int to, ByteBuffer result) {
    ByteBuffer sum =
        slice(
            Buffers.result(result, leaves.length()), from * Float.BYTES, (to - from) * Float.BYTES);
    ByteBuffer mine = folded(leaves.parts(from, to), sum);
    sockets.meet(leaves.leaves(), from, to);
    inUse.lock();
    try {
      sums.sum(mine, sum, new Watch());
    } catch (CollectiveException e) {
      throw e;
    } catch (RuntimeException e) {
      throw failure(e);
    } finally {
      inUse.unlock();
    }
  }

  private static ByteBuffer slice(ByteBuffer buffer, int at, int bytes) {
    return buffer.slice(at, bytes).order(ByteOrder.nativeOrder());
  }

  /** This rank's subtrees, added from left to right; in {@code room} if there is more than one. */
  private ByteBuffer folded(List<TreeSum.Part> parts, ByteBuffer room) {
    ByteBuffer first = parts.get(0).floats();
    if (parts.size() == 1) {
      return first;
    }
    room.put(0, first, 0, first.remaining());
    int floats = room.remaining() / Float.BYTES;
    parts.stream().skip(1).forEach(part -> blocks.add(room, part.floats(), 0, floats));
    return room;
  }

  /** What ends the wait for the library. */
  private final class Watch implements DeviceSums.Patience {
    private final long start = System.nanoTime();
    private long leftSince;

    @Override
    public void check() {
      sockets.check();
      if (Thread.currentThread().isInterrupted()) {
        throw ended("rank " + rank() + " was interrupted " + where(), null);
      }
      long now = System.nanoTime();
      if (now - start > timeout.toNanos()) {
        String late = "%s did not finish within %s %s";
        throw ended(late.formatted(sums.library(), seconds(timeout), where()), null);
      }
      // who has the sum may leave a moment before this rank has it too
      if (!sockets.isComplete()) {
        leftSince = leftSince == 0 ? now : leftSince;
        if (now - leftSince > DOUBT_NANOS) {
          sockets.requireAll(where());
        }
      }
    }
  }

  private String where() {
    return "during all-reduce" + (phase.isEmpty() ? "" : " of " + phase);
  }

  /** A rank that is gone is an error of the library's too; its sockets say which it was. */
  private CollectiveException failure(RuntimeException cause) {
    long deadline = System.nanoTime() + DOUBT_NANOS;
    while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
      try {
        sockets.check();
      } catch (CollectiveException first) {
        first.addSuppressed(cause);
        return first;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return ended("rank " + rank() + " failed " + where() + ": " + cause.getMessage(), cause);
  }

  /** Ends the group; the first cause that is known. */
  private CollectiveException ended(String reason, Throwable cause) {
    sockets.abort(reason);
    try {
      sockets.check();
    } catch (CollectiveException first) {
      if (cause != null) {
        first.addSuppressed(cause);
      }
      return first;
    }
    return new CollectiveException(reason, cause);
  }

  @Override
  public void barrier() {
    sockets.barrier();
  }

  @Override
  public List<byte[]> allGather(byte[] mine) {
    return sockets.allGather(mine);
  }

  @Override
  public List<byte[]> exchange(List<byte[]> messages) {
    return sockets.exchange(messages);
  }

  @Override
  public void broadcast(int root, ByteBuffer data) {
    sockets.broadcast(root, data);
  }

  /** Over the sockets; what the library sends is not known. */
  @Override
  public long bytesSent() {
    return sockets.bytesSent();
  }

  /** Over the sockets; what the library receives is not known. */
  @Override
  public long bytesReceived() {
    return sockets.bytesReceived();
  }

  @Override
  public void phase(String name) {
    phase = name;
    sockets.phase(name);
  }

  @Override
  public void check() {
    sockets.check();
  }

  @Override
  public void abort(String reason) {
    sockets.abort(reason);
  }

  /** A sum that another thread waits for ends first, as soon as the sockets are closed. */
  @Override
  public void close() {
    sockets.close();
    Uninterrupted.wait(PATIENCE_NANOS, this::closeSums);
  }

  private void closeSums(long nanos) throws InterruptedException {
    if (!inUse.tryLock(nanos, TimeUnit.NANOSECONDS)) {
      LOG.warn("{} does not let go of a sum; its memory stays in use", sums.library());
      return;
    }
    try {
      sums.close();
    } finally {
      inUse.unlock();
    }
  }
}
