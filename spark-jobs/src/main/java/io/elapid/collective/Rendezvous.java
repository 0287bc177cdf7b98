package io.elapid.collective;

import static java.util.stream.Collectors.joining;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forms the mesh: listens, tells the others where, connects to the lower ranks and accepts the
 * higher ones. Strangers are refused on the side, each within its own deadline; closing this stops
 * listening.
 */
final class Rendezvous implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);

  /** Strangers that may be at the door at once without keeping ranks out. */
  private static final int MAX_STRANGERS = 256;

  private final PeerSettings settings;
  private final int rank;
  private final Handshake handshake;
  private final Door door;
  private final Deadlines deadlines = new Deadlines();
  private final long end;
  private final Link[] links;
  private final ServerSocketChannel listener;
  private final ExecutorService handshakes;
  private List<Peer> peers = List.of();
  private String acceptFailure;
  private boolean over;

  Rendezvous(PeerSettings settings, int rank, int size) {
    this.settings = settings;
    this.rank = rank;
    this.handshake = new Handshake(settings, rank, size);
    this.door = Door.of(settings.protection());
    this.links = new Link[size];
    this.end = System.nanoTime() + settings.connectTimeout().toNanos();
    this.listener = listen();
    this.handshakes =
        new ThreadPoolExecutor(
            0,
            MAX_STRANGERS + size,
            1,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            body -> Mesh.daemon("elapid-handshake", body),
            (task, executor) -> ((Accepted) task).refuse("too many connections at once"));
  }

  private ServerSocketChannel listen() {
    PeerSettings.PortRange ports = settings.ports();
    for (int port = ports.first(); port <= ports.last(); port++) {
      try {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
          return channel.bind(new InetSocketAddress(settings.host(), port), MAX_STRANGERS);
        } catch (IOException | RuntimeException e) {
          channel.close();
          throw e;
        }
      } catch (BindException e) {
        LOG.debug("Port {} of {} cannot be used: {}", port, settings.host(), e.getMessage());
      } catch (IOException | RuntimeException e) {
        throw new CollectiveException(
            "rank " + rank + " cannot listen on " + settings.host() + ": " + e, e);
      }
    }
    throw new CollectiveException(
        "rank "
            + rank
            + " cannot listen on "
            + settings.host()
            + ", ports "
            + ports.first()
            + " to "
            + ports.last()
            + ": none is free or the address is not of this machine");
  }

  /** Returns the links by rank, or throws naming the ranks that are missing. */
  Link[] meet(Function<String, List<String>> exchange) {
    try {
      Peer self = new Peer(rank, settings.host(), listener.socket().getLocalPort(), door.key());
      peers = announce(self, exchange);
      Mesh.daemon("elapid-accept", this::acceptAll).start();
      for (int peer = 0; peer < rank; peer++) {
        connect(peers.get(peer));
      }
      awaitHigherRanks();
      return links;
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
  }

  private List<Peer> announce(Peer self, Function<String, List<String>> exchange) {
    List<String> lines =
        deadlines.interrupting(
            remaining(),
            () -> exchange.apply(self.encode()),
            "the other ranks did not come to the rendezvous within " + connectSeconds());
    List<Peer> all = lines.stream().map(Peer::decode).toList();
    if (!all.stream().map(Peer::rank).toList().equals(ranks(p -> true))) {
      throw new CollectiveException(
          "the rendezvous returned " + lines + " for " + links.length + " ranks");
    }
    return all;
  }

  private List<Integer> ranks(IntPredicate predicate) {
    return IntStream.range(0, links.length).filter(predicate).boxed().toList();
  }

  private String connectSeconds() {
    return settings.connectTimeout().toMillis() / 1000.0 + " s";
  }

  private void connect(Peer peer) {
    Duration time = handshakeTime();
    SocketChannel channel = null;
    Transport transport;
    boolean expired = false;
    try {
      channel = SocketChannel.open();
      try (Deadlines.Deadline deadline = deadlines.closing(time, channel)) {
        try {
          channel.connect(new InetSocketAddress(peer.host(), peer.port()));
          transport = door.connect(channel, peer, handshake);
        } finally {
          expired = deadline.expired();
        }
      }
      keep(new Link(peer, transport));
    } catch (IOException | RuntimeException e) {
      Link.close(channel);
      throw new CollectiveException(peer + " " + reason(e, expired, time), e);
    }
  }

  private static String reason(Exception e, boolean expired, Duration time) {
    if (expired) {
      return "did not answer within " + time.toMillis() / 1000.0 + " s";
    }
    return e instanceof ProtocolException || e instanceof EOFException
        ? e.getMessage()
        : "cannot be reached: " + e;
  }

  /** Keeps a link unless there is one already or the rendezvous is over. */
  private synchronized boolean keep(Link link) {
    int peer = link.peer().rank();
    if (over || links[peer] != null) {
      return false;
    }
    links[peer] = link;
    notifyAll();
    return true;
  }

  private void acceptAll() {
    while (true) {
      try {
        handshakes.execute(new Accepted(listener.accept()));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        stopAccepting("rank " + rank + " cannot accept connections: " + e.getMessage());
        return;
      }
    }
  }

  private synchronized void stopAccepting(String reason) {
    acceptFailure = reason;
    notifyAll();
  }

  /** A connection that has not proved anything yet. */
  private final class Accepted implements Runnable {
    private final SocketChannel channel;

    Accepted(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void run() {
      Duration time = handshakeTime();
      try (Deadlines.Deadline deadline = deadlines.closing(time, channel)) {
        prove(deadline, time);
      } catch (RejectedExecutionException e) {
        refuse("the ranks have met already");
      }
    }

    private void prove(Deadlines.Deadline deadline, Duration time) {
      try {
        Door.Entered peer = door.accept(channel, peers, handshake);
        deadline.close();
        if (!keep(new Link(peers.get(peer.rank()), peer.transport()))) {
          refuse("rank " + peer.rank() + " is connected already");
        }
      } catch (IOException | RuntimeException e) {
        refuse(
            deadline.expired()
                ? "it did not prove itself within " + time.toMillis() / 1000.0 + " s"
                : e.getMessage());
      }
    }

    void refuse(String reason) {
      LOG.warn(
          "Refused a connection from {}: {}", channel.socket().getRemoteSocketAddress(), reason);
      Link.close(channel);
    }
  }

  private synchronized void awaitHigherRanks() {
    List<Integer> missing = ranks(peer -> peer > rank && links[peer] == null);
    while (!missing.isEmpty()) {
      long left = end - System.nanoTime();
      if (acceptFailure != null) {
        throw new CollectiveException(acceptFailure);
      }
      if (left <= 0) {
        throw new CollectiveException(
            missing.stream().map(peer -> peers.get(peer).toString()).collect(joining(", "))
                + " did not connect within "
                + connectSeconds());
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CollectiveException("rank " + rank + " was interrupted while the ranks met", e);
      }
      missing = ranks(peer -> peer > rank && links[peer] == null);
    }
    over = true;
  }

  private synchronized void abandon() {
    over = true;
    for (Link link : links) {
      if (link != null) {
        link.close();
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("Closing the listener failed", e);
    }
    handshakes.shutdownNow();
    deadlines.close();
  }

  private Duration remaining() {
    return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
  }

  private Duration handshakeTime() {
    Duration left = remaining();
    return left.compareTo(settings.handshakeTimeout()) < 0 ? left : settings.handshakeTimeout();
  }
}
