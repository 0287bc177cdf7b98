package io.elapid.collective;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Mutual proof that both ends know the secret of the run, which stays off the wire: each end sends
 * a nonce and answers with HMAC-SHA256 over role, run, attempt, ranks and both nonces. The
 * connecting end proves first, so that a stranger learns nothing; fresh nonces make a replay
 * worthless.
 *
 * <pre>
 * connecting                                     accepting
 *   HELLO   magic, version, order, run, attempt,
 *           from, to, size, nonce          ---->
 *                                          <----  CHALLENGE magic, status, nonce
 *   PROOF   mac                            ---->
 *                                          <----  WELCOME status, mac
 * </pre>
 */
final class Handshake {
  private static final int MAGIC = 0x456c5072;
  private static final int VERSION = 1;
  private static final int NONCE = 32;
  private static final int MAC = 32;
  private static final int HELLO = 7 * Integer.BYTES + 32 + NONCE;
  private static final int CHALLENGE = 2 * Integer.BYTES + NONCE;
  private static final int WELCOME = Integer.BYTES + MAC;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What the accepting end says to a connection that it will not take. */
  private enum Status {
    WELCOME(0, ""),
    OTHER_VERSION(1, "it speaks another version of the protocol or has another byte order"),
    OTHER_RUN(2, "it belongs to another run"),
    OTHER_ATTEMPT(3, "it belongs to another attempt of the run"),
    OTHER_GROUP(4, "it counts the ranks differently"),
    NO_PROOF(5, "it does not know the secret of the run");

    private final int code;
    private final String reason;

    Status(int code, String reason) {
      this.code = code;
      this.reason = reason;
    }
  }

  private final PeerSettings settings;
  private final int rank;
  private final int size;

  Handshake(PeerSettings settings, int rank, int size) {
    this.settings = settings;
    this.rank = rank;
    this.size = size;
  }

  /** The connecting end; a {@link ProtocolException} says why the two do not belong together. */
  void connect(Transport channel, int to) throws IOException {
    ByteBuffer hello = hello(to);
    channel.write(hello.duplicate());
    ByteBuffer challenge = read(channel, CHALLENGE);
    if (challenge.getInt() != MAGIC) {
      throw new ProtocolException("is no rank of a run: something else listens there");
    }
    refuseUnlessWelcome(challenge.getInt());
    byte[] nonce = bytes(challenge, NONCE);
    channel.write(ByteBuffer.wrap(mac("connecting", hello, nonce)));
    ByteBuffer welcome = read(channel, WELCOME);
    refuseUnlessWelcome(welcome.getInt());
    if (!MessageDigest.isEqual(bytes(welcome, MAC), mac("accepting", hello, nonce))) {
      throw new ProtocolException("does not know the secret of the run");
    }
  }

  private static void refuseUnlessWelcome(int status) throws ProtocolException {
    if (status == Status.WELCOME.code) {
      return;
    }
    for (Status known : Status.values()) {
      if (known.code == status) {
        throw new ProtocolException("refused this rank: " + known.reason);
      }
    }
    throw new ProtocolException("refused this rank with status " + status);
  }

  /** The accepting end; returns the rank at the other end. */
  int accept(Transport channel) throws IOException {
    ByteBuffer hello = read(channel, HELLO);
    ByteBuffer fields = hello.duplicate();
    if (fields.getInt() != MAGIC) {
      throw new ProtocolException("it speaks no known protocol");
    }
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    int from = fields.getInt(4 * Integer.BYTES);
    Status status = examine(fields, from);
    ByteBuffer challenge = ByteBuffer.allocate(CHALLENGE);
    channel.write(challenge.putInt(MAGIC).putInt(status.code).put(nonce).flip());
    refuse(status);
    byte[] proof = bytes(read(channel, MAC), MAC);
    boolean proved = MessageDigest.isEqual(proof, mac("connecting", hello, nonce));
    Status verdict = proved ? Status.WELCOME : Status.NO_PROOF;
    byte[] answer = proved ? mac("accepting", hello, nonce) : new byte[MAC];
    channel.write(ByteBuffer.allocate(WELCOME).putInt(verdict.code).put(answer).flip());
    refuse(verdict);
    return from;
  }

  private static void refuse(Status status) throws ProtocolException {
    if (status != Status.WELCOME) {
      throw new ProtocolException(status.reason);
    }
  }

  private Status examine(ByteBuffer hello, int from) {
    boolean sameVersion = hello.getInt() == VERSION && hello.getInt() == byteOrder();
    if (!sameVersion) {
      return Status.OTHER_VERSION;
    }
    int attempt = hello.getInt();
    hello.getInt();
    boolean sameGroup =
        hello.getInt() == rank && hello.getInt() == size && from > rank && from < size;
    if (!MessageDigest.isEqual(bytes(hello, 32), runHash())) {
      return Status.OTHER_RUN;
    }
    if (attempt != settings.attempt()) {
      return Status.OTHER_ATTEMPT;
    }
    return sameGroup ? Status.WELCOME : Status.OTHER_GROUP;
  }

  private ByteBuffer hello(int to) {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    return ByteBuffer.allocate(HELLO)
        .putInt(MAGIC)
        .putInt(VERSION)
        .putInt(byteOrder())
        .putInt(settings.attempt())
        .putInt(rank)
        .putInt(to)
        .putInt(size)
        .put(runHash())
        .put(nonce)
        .flip();
  }

  /** Vectors travel in native order, so both ends must have the same. */
  private static int byteOrder() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 2;
  }

  private byte[] runHash() {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(settings.runId().getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The hello holds run, attempt, ranks and the first nonce. */
  private byte[] mac(String role, ByteBuffer hello, byte[] nonce) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(settings.token(), "HmacSHA256"));
      mac.update(role.getBytes(StandardCharsets.US_ASCII));
      mac.update(hello.duplicate());
      return mac.doFinal(nonce);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(ByteBuffer from, int count) {
    byte[] bytes = new byte[count];
    from.get(bytes);
    return bytes;
  }

  private static ByteBuffer read(Transport channel, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("closed the connection during the handshake");
      }
    }
    return buffer.flip();
  }
}
