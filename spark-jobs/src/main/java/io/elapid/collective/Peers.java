package io.elapid.collective;

import java.util.List;
import java.util.function.Function;

/**
 * The other ranks of a run: a full mesh of sockets, each of which has proved in both directions
 * that it knows the secret of the run. Threads and sockets live until {@link #close}.
 */
public final class Peers implements AutoCloseable {
  private final Mesh mesh;

  private Peers(Mesh mesh) {
    this.mesh = mesh;
  }

  /**
   * Meets the other ranks.
   *
   * @param exchange hands in one line and returns the lines of all ranks in rank order, such as
   *     {@code BarrierTaskContext.allGather}; interrupted when the time is up
   * @throws CollectiveException naming the rank that did not come, or cannot be reached or trusted
   */
  public static Peers open(
      PeerSettings settings, Function<String, List<String>> exchange, int rank, int size) {
    try (Rendezvous rendezvous = new Rendezvous(settings, rank, size)) {
      return new Peers(new Mesh(rank, rendezvous.meet(exchange), settings.operationTimeout()));
    }
  }

  Mesh mesh() {
    return mesh;
  }

  /** Says goodbye and ends all threads; takes about a second at most. */
  @Override
  public void close() {
    mesh.close();
  }
}
