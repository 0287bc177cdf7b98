package io.elapid.collective;

import java.nio.ByteBuffer;

/** The root's bytes to every other rank, in chunks. */
final class BroadcastOperation extends Operation {
  private static final int CHUNK_BYTES = 1 << 20;

  private final int root;
  private final boolean sending;
  private final ByteBuffer data;
  private final int chunks;
  private final int[] sent;
  private int arrived;

  BroadcastOperation(int rank, int size, int root, ByteBuffer data) {
    super("broadcast");
    this.root = root;
    this.sending = rank == root;
    this.data = data.slice();
    this.chunks = Math.max(1, (data.remaining() + CHUNK_BYTES - 1) / CHUNK_BYTES);
    this.sent = new int[size];
  }

  private ByteBuffer chunk(int index) {
    int from = index * CHUNK_BYTES;
    return data.slice(from, Math.min(CHUNK_BYTES, data.limit() - from));
  }

  @Override
  Outgoing next(int peer, long sequence) {
    if (!sending || sent[peer] == chunks) {
      return Outgoing.DONE;
    }
    int index = sent[peer]++;
    ByteBuffer payload = chunk(index);
    return new Outgoing(
        new Frame(Frame.Type.BROADCAST, sequence, index, chunks, payload.remaining()), payload);
  }

  @Override
  ByteBuffer target(int peer, Frame frame) throws ProtocolException {
    if (frame.type() != Frame.Type.BROADCAST || peer != root || frame.chunk() != arrived) {
      throw unexpected(frame);
    }
    if (frame.part() != chunks || chunk(arrived).remaining() != frame.length()) {
      throw new ProtocolException("broadcasts a different number of bytes than this rank expects");
    }
    return chunk(arrived);
  }

  @Override
  boolean received(int peer, Frame frame) {
    arrived++;
    return true;
  }

  @Override
  boolean awaits(int peer) {
    return !sending && peer == root && arrived < chunks;
  }
}
