package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a group of ranks does together. Every rank calls the same operations in the same order, one
 * at a time, from one thread.
 *
 * <p>An operation either ends on time or throws {@link CollectiveException} with the first cause.
 * After that the group is finished: every further call throws the same cause, and the only thing
 * left to do is {@link #close}; until it returns, buffers of the failed operation may still be
 * written. Buffers of floats are in native byte order.
 */
public interface Collective extends AutoCloseable {

  /** This rank, from 0 to {@link #size} - 1. */
  int rank();

  /** Number of ranks. */
  int size();

  /**
   * Sums the leaves of all ranks over the fixed tree; every rank receives the bitwise same sum,
   * whatever the number of ranks. The ranks together hold every leaf once, in rank order.
   *
   * @param leaves this rank's leaves, all added; empty and ready for the next sum afterwards
   * @param result direct buffer whose remaining bytes are {@code leaves.length()} floats; its
   *     position does not move
   */
  default void allReduce(TreeSum leaves, ByteBuffer result) {
    allReduce(leaves, 0, leaves.length(), result);
    leaves.reset();
  }

  /**
   * Sums elements {@code from} to {@code to} of the leaves of all ranks, each of which may be
   * summed once until the leaves are reset. The last leaf need not be there but for them.
   *
   * @param result direct buffer whose remaining bytes are {@code leaves.length()} floats, of which
   *     those elements are written; its position does not move
   */
  void allReduce(TreeSum leaves, int from, int to, ByteBuffer result);

  /** Returns once every rank has called it. */
  void barrier();

  /** Hands every rank the messages of all, in rank order; for metrics, not for tensors. */
  List<byte[]> allGather(byte[] mine);

  /**
   * Hands every rank the message that each rank has for it, in rank order.
   *
   * @param messages one for each rank, this one included
   */
  List<byte[]> exchange(List<byte[]> messages);

  /**
   * Copies the remaining bytes of the root's buffer into that of every other rank; all buffers have
   * equally many bytes remaining. The position does not move.
   */
  void broadcast(int root, ByteBuffer data);

  /** Bytes that this rank has put on the wire since the group formed, frame headers included. */
  long bytesSent();

  /** Bytes that this rank has taken from the wire since the group formed. */
  long bytesReceived();

  /** Names what the ranks are about to do, for error messages: "step 12". */
  void phase(String name);

  /**
   * Throws the failure of the group if this rank knows of one; cheap, for long stretches between
   * calls. A peer that failed after it had begun the next operation shows there.
   */
  void check();

  /** Ends the run for all ranks: they fail with this reason as their cause. May be called twice. */
  void abort(String reason);

  /** Leaves the group. Ranks that still wait for this one fail. */
  @Override
  void close();
}
