package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS between ranks: the bytes arrive, only between the keys that were announced, unreadable. */
class EncryptedChannelTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static <T> List<T> encrypted(int size, Ranks.Body<T> body) throws Exception {
    return Ranks.overSockets(
        size, Ranks.settings(TIMEOUT, PeerSettings.Protection.ENCRYPTED), body);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void encryptedRanksReachTheSumOfOneAndPutLittleMoreOnTheWire(int ranks) throws Exception {
    int length = 1_000_003;
    float[] alone = AllReduceTest.sum(InProcess.single(), 6, length);

    List<Long> sent =
        encrypted(
            ranks,
            collective -> {
              assertThat(AllReduceTest.sum(collective, 6, length)).isEqualTo(alone);
              long before = collective.bytesSent();
              assertThat(AllReduceTest.sum(collective, 6, length)).isEqualTo(alone);
              return collective.bytesSent() - before;
            });

    double least = 2.0 * (ranks - 1) / ranks * length * Float.BYTES;
    assertThat(sent)
        .allSatisfy(bytes -> assertThat((double) bytes).isBetween(0.999 * least, 1.02 * least));
  }

  @Test
  void messagesOfAllLengthsAndGoodbyesPass() throws Exception {
    List<Integer> lengths =
        encrypted(
            3,
            collective -> {
              for (int length : new int[] {0, 1, 16_383, 16_384, 16_385, 3_000_001}) {
                byte[] mine = new byte[length + collective.rank()];
                Arrays.fill(mine, (byte) collective.rank());
                List<byte[]> all = collective.allGather(mine);
                for (int rank = 0; rank < 3; rank++) {
                  byte[] expected = new byte[length + rank];
                  Arrays.fill(expected, (byte) rank);
                  assertThat(all.get(rank)).isEqualTo(expected);
                }
              }
              return collective.size();
            });

    assertThat(lengths).containsExactly(3, 3, 3);
  }

  /** Two ends of a connection on the loopback interface. */
  private static <T> List<T> ends(End<T> connecting, End<T> accepting) throws Exception {
    try (Loopback loopback = new Loopback()) {
      return Ranks.all(
          List.<Callable<T>>of(
              () -> connecting.use(loopback.one()), () -> accepting.use(loopback.other())));
    }
  }

  private interface End<T> {
    T use(SocketChannel channel) throws Exception;
  }

  @Test
  void eachEndSeesTheKeyOfTheOther() throws Exception {
    TlsIdentity one = new TlsIdentity();
    TlsIdentity other = new TlsIdentity();

    List<PublicKey> seen =
        ends(
            channel -> one.connect(channel, other.fingerprint()).peerKey(),
            channel -> other.accept(channel, Set.of(one.fingerprint())).peerKey());

    assertThat(TlsIdentity.fingerprint(seen.get(0))).isEqualTo(other.fingerprint());
    assertThat(TlsIdentity.fingerprint(seen.get(1))).isEqualTo(one.fingerprint());
    assertThat(one.fingerprint()).hasSize(64).isNotEqualTo(other.fingerprint());
  }

  @Test
  void aKeyThatWasNotAnnouncedIsRefusedByEitherEnd() throws Exception {
    TlsIdentity rank = new TlsIdentity();
    TlsIdentity stranger = new TlsIdentity();

    List<Throwable> toStranger =
        ends(
            channel -> thrown(() -> rank.connect(channel, rank.fingerprint())),
            channel -> thrown(() -> stranger.accept(channel, Set.of(rank.fingerprint()))));
    assertThat(toStranger.get(0))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("the key is not that of a rank of this attempt");
    assertThat(toStranger.get(1)).isInstanceOf(IOException.class);

    List<Throwable> fromStranger =
        ends(
            channel ->
                thrown(
                    () ->
                        stranger.connect(channel, rank.fingerprint()).read(ByteBuffer.allocate(1))),
            channel -> thrown(() -> rank.accept(channel, Set.of(rank.fingerprint()))));
    assertThat(fromStranger.get(0)).isInstanceOf(IOException.class);
    assertThat(fromStranger.get(1))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("the key is not that of a rank of this attempt");
  }

  private static Throwable thrown(Callable<?> call) {
    try {
      call.call();
      return null;
    } catch (Exception e) {
      return e;
    }
  }

  @Test
  void whatIsSentCannotBeReadOnTheWireNorChangedOnTheWay() throws Exception {
    TlsIdentity one = new TlsIdentity();
    TlsIdentity other = new TlsIdentity();
    byte[] secret = new byte[100_000];
    new Random(1).nextBytes(secret);
    byte[] marker = Arrays.copyOf(secret, 16);
    try (Wiretap wire = new Wiretap()) {
      List<byte[]> received =
          Ranks.all(
              List.of(
                  () -> {
                    TlsTransport transport = one.connect(wire.one(), other.fingerprint());
                    transport.write(ByteBuffer.wrap(secret));
                    transport.read(ByteBuffer.allocate(1));
                    wire.tamper();
                    assertThatThrownBy(
                            () -> {
                              // The first write may still fit into the buffers of the way.
                              for (int i = 0; i < 100; i++) {
                                transport.write(ByteBuffer.wrap(secret));
                              }
                              transport.read(ByteBuffer.allocate(1));
                            })
                        .isInstanceOf(IOException.class);
                    return secret;
                  },
                  () -> {
                    TlsTransport transport = other.accept(wire.other(), Set.of(one.fingerprint()));
                    ByteBuffer got = ByteBuffer.allocate(secret.length);
                    while (got.hasRemaining()) {
                      transport.read(got);
                    }
                    transport.write(ByteBuffer.allocate(1));
                    assertThatThrownBy(() -> transport.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(IOException.class);
                    transport.close();
                    return got.array();
                  }));

      assertThat(received.get(1)).isEqualTo(secret);
      assertThat(wire.saw(marker)).isFalse();
      assertThat(wire.bytes()).isGreaterThan(secret.length);
    }
  }
}
