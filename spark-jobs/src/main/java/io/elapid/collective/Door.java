package io.elapid.collective;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a connection between two ranks begins: in clear text or inside TLS, and in both cases with
 * the proof that each end knows the secret of the attempt.
 */
sealed interface Door {

  /** What a rank tells the others about its key; no blanks in it. */
  String key();

  /** The connecting end. */
  Transport connect(SocketChannel channel, Peer to, Handshake handshake) throws IOException;

  /** The accepting end. */
  Entered accept(SocketChannel channel, List<Peer> peers, Handshake handshake) throws IOException;

  /** A connection that has proved to come from a rank. */
  record Entered(int rank, Transport transport) {}

  static Door of(PeerSettings.Protection protection) {
    return switch (protection) {
      case AUTHENTICATED -> new Clear();
      case ENCRYPTED -> new Encrypted(new TlsIdentity());
    };
  }

  /** Each end proves itself, then everything goes in clear text. */
  record Clear() implements Door {
    @Override
    public String key() {
      return "-";
    }

    @Override
    public Transport connect(SocketChannel channel, Peer to, Handshake handshake)
        throws IOException {
      Transport transport = new PlainTransport(channel);
      handshake.connect(transport, to.rank());
      return transport;
    }

    @Override
    public Entered accept(SocketChannel channel, List<Peer> peers, Handshake handshake)
        throws IOException {
      Transport transport = new PlainTransport(channel);
      return new Entered(handshake.accept(transport), transport);
    }
  }

  /** TLS 1.3 between the keys that the ranks have announced, and the proof inside it. */
  record Encrypted(TlsIdentity identity) implements Door {
    @Override
    public String key() {
      return identity.fingerprint();
    }

    @Override
    public Transport connect(SocketChannel channel, Peer to, Handshake handshake)
        throws IOException {
      Transport transport = identity.connect(channel, to.key());
      handshake.connect(transport, to.rank());
      return transport;
    }

    @Override
    public Entered accept(SocketChannel channel, List<Peer> peers, Handshake handshake)
        throws IOException {
      Set<String> known = peers.stream().map(Peer::key).collect(Collectors.toSet());
      TlsTransport transport = identity.accept(channel, known);
      int rank = handshake.accept(transport);
      if (!peers.get(rank).key().equals(fingerprint(transport))) {
        throw new ProtocolException("it holds the key of another rank");
      }
      return new Entered(rank, transport);
    }

    private static String fingerprint(TlsTransport transport) throws IOException {
      try {
        return TlsIdentity.fingerprint(transport.peerKey());
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
    }
  }
}
