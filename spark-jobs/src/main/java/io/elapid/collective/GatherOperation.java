package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Every rank's messages to every other; with empty ones a barrier. */
final class GatherOperation extends Operation {
  private final List<byte[]> mine;
  private final byte[][] messages;
  private final boolean[] sent;
  private final boolean[] arrived;

  /** The same message for everyone. */
  GatherOperation(String name, int rank, int size, byte[] mine) {
    this(name, rank, size, Collections.nCopies(size, mine));
  }

  /** A message for each. */
  GatherOperation(String name, int rank, int size, List<byte[]> mine) {
    super(name);
    this.mine = mine;
    this.messages = new byte[size][];
    this.sent = new boolean[size];
    this.arrived = new boolean[size];
    messages[rank] = mine.get(rank).clone();
    arrived[rank] = true;
  }

  List<byte[]> messages() {
    return Arrays.asList(messages);
  }

  @Override
  Outgoing next(int peer, long sequence) {
    if (sent[peer]) {
      return Outgoing.DONE;
    }
    sent[peer] = true;
    ByteBuffer payload = ByteBuffer.wrap(mine.get(peer));
    return new Outgoing(new Frame(Frame.Type.GATHER, sequence, 0, 0, payload.remaining()), payload);
  }

  @Override
  ByteBuffer target(int peer, Frame frame) throws ProtocolException {
    if (frame.type() != Frame.Type.GATHER || messages[peer] != null) {
      throw unexpected(frame);
    }
    messages[peer] = new byte[frame.length()];
    return ByteBuffer.wrap(messages[peer]);
  }

  @Override
  boolean received(int peer, Frame frame) {
    arrived[peer] = true;
    return true;
  }

  @Override
  boolean awaits(int peer) {
    return !arrived[peer];
  }
}
