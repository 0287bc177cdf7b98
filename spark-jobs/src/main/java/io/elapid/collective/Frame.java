package io.elapid.collective;

import java.nio.ByteBuffer;

/**
 * The header of a message between two ranks; the payload follows.
 *
 * @param sequence number of the operation since the group formed
 * @param chunk which piece of the vector
 * @param part which of the sender's subtrees
 * @param length bytes of payload
 */
record Frame(Type type, long sequence, int chunk, int part, int length) {

  enum Type {
    REDUCE(1),
    RESULT(2),
    GATHER(3),
    BROADCAST(4),
    ABORT(5),
    LEAVE(6),
    ENTER(7);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    private static Type of(int code) throws ProtocolException {
      for (Type type : TYPES) {
        if (type.code == code) {
          return type;
        }
      }
      throw new ProtocolException("sent a frame of unknown type " + code);
    }
  }

  static final int HEADER_BYTES = 32;
  static final int MAX_PAYLOAD = 64 << 20;
  private static final int MAGIC = 0x456c6170;
  private static final Type[] TYPES = Type.values();

  /** Puts the header into a cleared buffer and flips it. */
  void encode(ByteBuffer header) {
    header.clear();
    header.putInt(MAGIC).putInt(type.code).putLong(sequence);
    header.putInt(chunk).putInt(part).putInt(length).putInt(0).flip();
  }

  static Frame decode(ByteBuffer header) throws ProtocolException {
    if (header.getInt() != MAGIC) {
      throw new ProtocolException("sent bytes that are no frame");
    }
    Type type = Type.of(header.getInt());
    Frame frame =
        new Frame(type, header.getLong(), header.getInt(), header.getInt(), header.getInt());
    if (frame.length() < 0 || frame.length() > MAX_PAYLOAD) {
      throw new ProtocolException(
          "sent a frame of " + frame.length() + " bytes, at most " + MAX_PAYLOAD + " are allowed");
    }
    return frame;
  }

  String describe() {
    return type + " frame " + chunk + "/" + part + " of operation " + sequence;
  }
}
