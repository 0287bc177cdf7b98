package io.elapid.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.elapid.collective.PeerSettings.PortRange;
import io.elapid.collective.PeerSettings.Protection;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Ranks find each other among strangers, or say within their deadline who is missing. */
class RendezvousTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  /** Holds for the genuine rank, too: enough for its certificates on a busy machine. */
  private static final Duration AMPLE = Duration.ofMillis(1500);

  private static final String LOOPBACK = "127.0.0.1";

  private static PeerSettings settings(String run, int attempt, String token, Duration handshake) {
    return new PeerSettings(
        run,
        attempt,
        token.getBytes(UTF_8),
        Protection.AUTHENTICATED,
        LOOPBACK,
        PortRange.EPHEMERAL,
        Duration.ofSeconds(10),
        handshake,
        Duration.ofSeconds(10));
  }

  private static PeerSettings settings(Duration connect, PortRange ports) {
    return new PeerSettings(
        "run-1",
        0,
        Ranks.TOKEN,
        Protection.AUTHENTICATED,
        LOOPBACK,
        ports,
        connect,
        SHORT,
        Duration.ofSeconds(10));
  }

  /** Something that connects to rank 0 before rank 1 does. */
  interface Stranger {
    void visit(int port) throws Exception;
  }

  /** A stranger who knows what rank 0 has announced. */
  interface Visitor {
    void visit(Peer rank0) throws Exception;
  }

  private static boolean meetsDespite(Stranger stranger) throws Exception {
    return meetsDespite(
        settings("run-1", 3, "the secret of the run", Duration.ofSeconds(2)),
        rank0 -> stranger.visit(rank0.port()));
  }

  /** Two ranks meet and sum while a stranger is at the door; returns whether the sum is right. */
  private static boolean meetsDespite(PeerSettings ours, Visitor stranger) throws Exception {
    Function<Integer, Function<String, List<String>>> exchange = Ranks.exchange(2);
    CountDownLatch visited = new CountDownLatch(1);
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      int me = rank;
      Function<String, List<String>> waiting =
          line -> {
            List<String> lines = exchange.apply(me).apply(line);
            if (me == 1) {
              visit(stranger, Peer.decode(lines.get(0)));
              visited.countDown();
            }
            return lines;
          };
      calls.add(
          () -> {
            try (Collective collective = new FixedTreeAllReduce(Peers.open(ours, waiting, me, 2))) {
              visited.await();
              return AllReduceTest.sum(collective, 2, 10).length == 10;
            }
          });
    }
    return Ranks.all(calls).equals(List.of(true, true));
  }

  private static void visit(Visitor stranger, Peer rank0) {
    try {
      stranger.visit(rank0);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a rank 1 with the given settings is told. */
  private static Stranger impostor(PeerSettings settings, String expected) {
    return port -> {
      try (SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        assertThatThrownBy(
                () -> new Handshake(settings, 1, 2).connect(new PlainTransport(channel), 0))
            .isInstanceOf(ProtocolException.class)
            .hasMessage(expected);
      }
    };
  }

  @Test
  void aConnectionThatSaysNothingIsDroppedAtItsOwnDeadlineAndHoldsNobodyUp() throws Exception {
    try (Socket silent = new Socket()) {
      boolean met =
          meetsDespite(
              port ->
                  silent.connect(
                      new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000));
      assertThat(met).isTrue();
      silent.setSoTimeout(5000);
      end(silent);
    }
  }

  /** Returns when the other end has closed; a {@link SocketTimeoutException} if it does not. */
  private static Void end(Socket socket) throws SocketTimeoutException {
    try (InputStream in = socket.getInputStream()) {
      in.readAllBytes();
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      // Closed all the same.
    }
    return null;
  }

  @Test
  void garbageIsRefused() throws Exception {
    boolean met =
        meetsDespite(
            port -> {
              try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".repeat(20).getBytes(UTF_8));
                end(socket);
              }
            });
    assertThat(met).isTrue();
  }

  @Test
  void aWrongSecretIsRefused() throws Exception {
    assertThat(
            meetsDespite(
                impostor(
                    settings("run-1", 3, "some other secret", SHORT),
                    "refused this rank: it does not know the secret of the run")))
        .isTrue();
  }

  @Test
  void anotherRunIsRefused() throws Exception {
    assertThat(
            meetsDespite(
                impostor(
                    settings("run-2", 3, "the secret of the run", SHORT),
                    "refused this rank: it belongs to another run")))
        .isTrue();
  }

  @Test
  void anEarlierAttemptIsRefused() throws Exception {
    assertThat(
            meetsDespite(
                impostor(
                    settings("run-1", 2, "the secret of the run", SHORT),
                    "refused this rank: it belongs to another attempt of the run")))
        .isTrue();
  }

  @Test
  void aReplayedHandshakeIsRefused() throws Exception {
    byte[][] recorded = new byte[1][];
    try (ServerSocket recorder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      recordHandshake(recorder, recorded);
    }

    boolean met =
        meetsDespite(
            port -> {
              try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(recorded[0]);
                byte[] answer = socket.getInputStream().readAllBytes();
                ByteBuffer welcome = ByteBuffer.wrap(answer, answer.length - 36, 36);
                assertThat(welcome.getInt()).isNotZero();
              }
            });
    assertThat(met).isTrue();
  }

  /** Settings of an encrypted group. */
  private static PeerSettings encrypted(int attempt, Duration handshake) {
    return new PeerSettings(
        "run-1",
        attempt,
        Ranks.TOKEN,
        Protection.ENCRYPTED,
        LOOPBACK,
        PortRange.EPHEMERAL,
        Duration.ofSeconds(10),
        handshake,
        Duration.ofSeconds(10));
  }

  @Test
  void nobodyWithoutAnAnnouncedKeyEntersAnEncryptedGroup() throws Exception {
    PeerSettings ours = encrypted(3, Duration.ofSeconds(2));
    TlsIdentity foreign = new TlsIdentity();
    // An earlier attempt: the right secret, and a key that was announced then.
    PeerSettings earlier = encrypted(2, SHORT);

    boolean met =
        meetsDespite(
            ours,
            rank0 -> {
              assertThatThrownBy(
                      () -> {
                        try (SocketChannel channel = connected(rank0)) {
                          new Handshake(ours, 1, 2).connect(new PlainTransport(channel), 0);
                        }
                      })
                  .isInstanceOf(IOException.class);
              for (PeerSettings settings : List.of(ours, earlier)) {
                assertThatThrownBy(
                        () -> {
                          try (SocketChannel channel = connected(rank0)) {
                            TlsTransport tls = foreign.connect(channel, rank0.key());
                            new Handshake(settings, 1, 2).connect(tls, 0);
                          }
                        })
                    .isInstanceOf(IOException.class);
              }
            });

    assertThat(met).isTrue();
  }

  @Test
  void aRankThatShowsTheKeyOfAnotherIsRefused() throws Exception {
    PeerSettings ours = encrypted(0, Duration.ofSeconds(2));
    TlsIdentity keyOfRank2 = new TlsIdentity();
    try (Loopback loopback = new Loopback()) {
      Door door = Door.of(Protection.ENCRYPTED);
      List<Peer> peers =
          List.of(
              new Peer(0, LOOPBACK, 1, door.key()),
              new Peer(1, LOOPBACK, 2, new TlsIdentity().fingerprint()),
              new Peer(2, LOOPBACK, 3, keyOfRank2.fingerprint()));
      Ranks.all(
          List.of(
              () -> {
                TlsTransport tls = keyOfRank2.connect(loopback.one(), door.key());
                new Handshake(ours, 1, 3).connect(tls, 0);
                return null;
              },
              () -> {
                assertThatThrownBy(
                        () -> door.accept(loopback.other(), peers, new Handshake(ours, 0, 3)))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessage("it holds the key of another rank");
                return null;
              }));
    }
  }

  private static SocketChannel connected(Peer peer) throws IOException {
    return SocketChannel.open(new InetSocketAddress(peer.host(), peer.port()));
  }

  @Test
  void aConnectionThatTricklesIsDroppedAtItsOwnDeadlineClearAndEncrypted() throws Exception {
    for (PeerSettings ours :
        List.of(settings("run-1", 3, "the secret of the run", AMPLE), encrypted(3, AMPLE))) {
      boolean met =
          meetsDespite(
              ours,
              rank0 -> {
                try (Socket socket = new Socket(rank0.host(), rank0.port())) {
                  long start = System.nanoTime();
                  assertThatThrownBy(
                          () -> {
                            // Handshake of TLS, version, a long length: then a byte at a time.
                            byte[] trickle = {0x16, 0x03, 0x01, 0x40, 0x00};
                            for (int i = 0; i < 1000; i++) {
                              socket.getOutputStream().write(trickle[i % trickle.length]);
                              new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
                            }
                          })
                      .isInstanceOf(IOException.class);
                  assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
                }
              });
      assertThat(met).isTrue();
    }
  }

  /** What a genuine rank 1 sends to an accepting end that chooses its nonce itself. */
  private static void recordHandshake(ServerSocket recorder, byte[][] recorded) throws Exception {
    PeerSettings genuine = settings("run-1", 3, "the secret of the run", SHORT);
    Ranks.all(
        List.of(
            () -> {
              try (SocketChannel channel = SocketChannel.open(recorder.getLocalSocketAddress())) {
                assertThatThrownBy(
                        () -> new Handshake(genuine, 1, 2).connect(new PlainTransport(channel), 0))
                    .isInstanceOf(IOException.class);
                return null;
              }
            },
            () -> {
              try (Socket socket = recorder.accept()) {
                byte[] hello = socket.getInputStream().readNBytes(92);
                ByteBuffer challenge = ByteBuffer.allocate(40).putInt(0, 0x456c5072);
                socket.getOutputStream().write(challenge.array());
                byte[] proof = socket.getInputStream().readNBytes(32);
                recorded[0] = ByteBuffer.allocate(124).put(hello).put(proof).array();
                return null;
              }
            }));
  }

  /** Rank 1 connects to whatever listens where rank 0 should. */
  private static CollectiveException connectTo(int port) {
    return catchThrowableOfType(
        CollectiveException.class,
        () ->
            Peers.open(
                settings(Duration.ofSeconds(5), PortRange.EPHEMERAL),
                line -> List.of("0 " + port + " - " + LOOPBACK, line),
                1,
                2));
  }

  @Test
  void aPeerThatCannotBeReachedAnsweredOrTrustedIsNamed() throws Exception {
    int closed;
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      closed = server.getLocalPort();
      assertThat(connectTo(closed))
          .hasMessage("rank 0 (127.0.0.1:" + closed + ") did not answer within 0.4 s");
    }
    assertThat(connectTo(closed))
        .hasMessageStartingWith("rank 0 (127.0.0.1:" + closed + ") cannot be reached: ");
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Ranks.all(
          List.of(
              () ->
                  assertThat(connectTo(server.getLocalPort()))
                      .hasMessageEndingWith("is no rank of a run: something else listens there"),
              () -> {
                try (Socket socket = server.accept()) {
                  socket
                      .getOutputStream()
                      .write("SSH-2.0-OpenSSH_9.2 and more text\r\n".repeat(3).getBytes(UTF_8));
                  return end(socket);
                }
              }));
    }
  }

  @Test
  void ranksThatDoNotComeAreNamedAtTheDeadline() {
    PeerSettings settings = settings(SHORT, PortRange.EPHEMERAL);

    assertThatThrownBy(
            () ->
                Peers.open(
                    settings,
                    line -> List.of(line, "1 4001 - 10.0.0.7", "2 4002 - 10.0.0.8"),
                    0,
                    3))
        .isInstanceOf(CollectiveException.class)
        .hasMessage("rank 1 (10.0.0.7:4001), rank 2 (10.0.0.8:4002) did not connect within 0.4 s");
  }

  @Test
  void aRendezvousThatHangsIsInterruptedAndLeavesNoInterruptBehind() {
    assertThatThrownBy(
            () -> Peers.open(settings(SHORT, PortRange.EPHEMERAL), line -> awaitForEver(), 0, 2))
        .isInstanceOf(CollectiveException.class)
        .hasMessage("the other ranks did not come to the rendezvous within 0.4 s");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  private static List<String> awaitForEver() {
    try {
      new CountDownLatch(1).await();
      return List.of();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFirstFreePortOfARangeIsTakenAndAFullRangeIsAnError() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      List<String> announced = new ArrayList<>();
      try (Peers peers =
          Peers.open(
              settings(SHORT, new PortRange(port, Math.min(65535, port + 20))),
              line -> {
                announced.add(line);
                return announced;
              },
              0,
              1)) {
        assertThat(peers.mesh().size()).isEqualTo(1);
        assertThat(Peer.decode(announced.get(0)).port()).isGreaterThan(port);
      }
      assertThatThrownBy(
              () -> Peers.open(settings(SHORT, new PortRange(port, port)), List::of, 0, 1))
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("ports " + port + " to " + port + ": none is free");
    }
  }

  @Test
  void theSecretIsNotPrinted() {
    assertThat(settings(SHORT, PortRange.EPHEMERAL).toString())
        .contains("run-1")
        .doesNotContain("secret", "token");
  }
}
