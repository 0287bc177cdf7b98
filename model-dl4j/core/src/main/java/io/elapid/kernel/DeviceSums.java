package io.elapid.kernel;

import java.nio.ByteBuffer;

/**
 * Sums vectors over the devices of several processes, by way of whatever connects these: one rank's
 * side of it.
 *
 * <p>A rank first says what it has ({@link #device}, {@link #library}); once all have agreed, one
 * of them names a group and every rank joins it. Used by one thread at a time, not always the same
 * one.
 */
public interface DeviceSums extends AutoCloseable {
  /** Asked again and again while there is nothing to do but wait; gives up by throwing. */
  interface Patience {
    void check();
  }

  /** A name of the device that no other device has, wherever it is. */
  String device();

  /** The library and its version, which must be the same for all ranks. */
  String library();

  /**
   * A new group, for every rank to {@link #join}.
   *
   * @return its name, which also says how to reach the process that made it
   */
  byte[] newGroup();

  /**
   * Becomes a rank of a group and waits for the others.
   *
   * @throws RuntimeException when the group does not come about, or what {@code patience} has
   *     thrown
   */
  void join(byte[] group, int rank, int size, Patience patience);

  /**
   * Sums vectors of float32 over the ranks: every rank receives the same bits. How often and in
   * which order something is added depends on the ranks and on what connects them.
   *
   * @param mine direct buffer; what remains of it, which is as long on every rank
   * @param sum direct buffer that the sum is written to, from its position on; may be {@code mine}
   * @throws RuntimeException when the sum has failed, or what {@code patience} has thrown; the
   *     group is left then, and cannot be used any more
   */
  void sum(ByteBuffer mine, ByteBuffer sum, Patience patience);

  /**
   * Leaves the group, without waiting for anyone, and lets go of the device. May be called twice.
   */
  @Override
  void close();
}
