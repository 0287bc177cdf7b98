package io.elapid.collective;

import java.time.Duration;
import java.util.Objects;

/**
 * How a rank finds, trusts and waits for its peers.
 *
 * @param runId which run; ranks of other runs are refused
 * @param attempt which attempt of the run; ranks of earlier attempts are refused
 * @param token secret of the run, the same on all ranks, at least 16 random bytes; never on the
 *     wire
 * @param protection of what the ranks exchange
 * @param host address to listen on, which the other ranks can reach
 * @param ports where to listen
 * @param connectTimeout for all ranks to meet, from the first call to the last handshake
 * @param handshakeTimeout for one connection to prove itself
 * @param operationTimeout for one collective operation, the wait for the slowest rank included
 */
public record PeerSettings(
    String runId,
    int attempt,
    byte[] token,
    Protection protection,
    String host,
    PortRange ports,
    Duration connectTimeout,
    Duration handshakeTimeout,
    Duration operationTimeout) {

  private static final int MIN_TOKEN_BYTES = 16;

  /** What keeps others out. */
  public enum Protection {
    /** Ranks prove themselves; what they exchange can be read and changed on its way. */
    AUTHENTICATED,
    /** TLS 1.3 with keys that are made for the attempt, and the proof inside it. */
    ENCRYPTED
  }

  /** Ports from first to last, both included, tried in order; 0 to 0 lets the system choose. */
  public record PortRange(int first, int last) {
    /** Any free port. */
    public static final PortRange EPHEMERAL = new PortRange(0, 0);

    /** From "first-last". */
    public static PortRange parse(String range) {
      int dash = range.indexOf('-');
      return new PortRange(
          Integer.parseInt(range.substring(0, dash)), Integer.parseInt(range.substring(dash + 1)));
    }

    public PortRange {
      if (first < 0 || last < first || last > 65535 || (first == 0 && last != 0)) {
        throw new IllegalArgumentException("ports from " + first + " to " + last);
      }
    }
  }

  public PeerSettings {
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(protection, "protection");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(ports, "ports");
    if (token.length < MIN_TOKEN_BYTES) {
      throw new IllegalArgumentException("a token needs at least " + MIN_TOKEN_BYTES + " bytes");
    }
    token = token.clone();
    positive(connectTimeout);
    positive(handshakeTimeout);
    positive(operationTimeout);
  }

  private static void positive(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout of " + timeout);
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "run " + runId + ", attempt " + attempt + ", " + host + ":" + ports;
  }
}
