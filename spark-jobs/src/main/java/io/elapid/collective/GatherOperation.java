package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Every rank's message to every other; with empty messages a barrier. */
final class GatherOperation extends Operation {
  private final byte[] mine;
  private final byte[][] messages;
  private final boolean[] sent;
  private final boolean[] arrived;

  GatherOperation(String name, int rank, int size, byte[] mine) {
    super(name);
    this.mine = mine;
    this.messages = new byte[size][];
    this.sent = new boolean[size];
    this.arrived = new boolean[size];
    messages[rank] = mine.clone();
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
    return new Outgoing(
        new Frame(Frame.Type.GATHER, sequence, 0, 0, mine.length), ByteBuffer.wrap(mine));
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
  void received(int peer, Frame frame) {
    arrived[peer] = true;
  }

  @Override
  boolean awaits(int peer) {
    return !arrived[peer];
  }
}
