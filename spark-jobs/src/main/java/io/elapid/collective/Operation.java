package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One collective operation as a state machine: what to send next, where a received payload goes,
 * what there is to compute. The mesh calls all methods but {@link #perform} with its lock held;
 * none of them blocks.
 */
abstract class Operation {
  /** Nothing to compute now. */
  static final int IDLE = -1;

  /** A frame to send, or that nothing is left to send. */
  record Outgoing(Frame frame, ByteBuffer payload) {
    static final Outgoing DONE = new Outgoing(null, null);

    boolean isDone() {
      return frame == null;
    }
  }

  private final String name;

  Operation(String name) {
    this.name = name;
  }

  /** What error messages call it: "all-reduce". */
  final String name() {
    return name;
  }

  /** The next frame for a peer, {@link Outgoing#DONE}, or null if nothing is ready yet. */
  abstract Outgoing next(int peer, long sequence);

  /** Where the payload of an announced frame goes, or null if there is no room yet. */
  abstract ByteBuffer target(int peer, Frame frame) throws ProtocolException;

  /** The payload has arrived in its target; true if that alone gives another thread work. */
  abstract boolean received(int peer, Frame frame);

  /** Whether frames of that peer are still missing. */
  abstract boolean awaits(int peer);

  /** Whether nothing is left to compute. */
  boolean computed() {
    return true;
  }

  /** Something to compute now that is the caller's from then on, or {@link #IDLE}. */
  int work() {
    return IDLE;
  }

  /** Computes, without the lock; several threads may be at it, each with work of its own. */
  void perform(int work) {}

  /** The computation is done and may be seen by others. */
  void performed(int work) {}

  /**
   * Who is to blame for a missed deadline.
   *
   * @param certain whether these ranks depend on nobody else for what they owe
   */
  record Suspects(List<Integer> peers, boolean certain) {}

  /** Of the peers that frames are missing from, those that the operation hangs on. */
  Suspects suspects(List<Integer> awaited) {
    return new Suspects(awaited, true);
  }

  /** A frame that does not belong here. */
  final ProtocolException unexpected(Frame frame) {
    return new ProtocolException(
        "sent a " + frame.describe() + " during " + name + ": the ranks do different things");
  }
}
