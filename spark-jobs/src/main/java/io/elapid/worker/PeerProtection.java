package io.elapid.worker;

import io.elapid.collective.PeerSettings;
import io.elapid.config.ClusterSpec;
import io.elapid.data.InputException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How ranks protect what they exchange: at least as well as Spark does what it exchanges. */
public final class PeerProtection {
  private static final Logger LOG = LoggerFactory.getLogger(PeerProtection.class);
  private static final String AUTHENTICATE = "spark.authenticate";
  private static final String ENCRYPT = "spark.network.crypto.enabled";
  private static final String SASL = "spark.authenticate.enableSaslEncryption";
  private static final List<String> SECURING =
      List.of(AUTHENTICATE, ENCRYPT, "spark.ssl.enabled", "spark.ssl.rpc.enabled");

  private PeerProtection() {}

  /**
   * What the ranks of an application do.
   *
   * @throws InputException if they were to talk in clear text where Spark does not
   */
  static PeerSettings.Protection of(SparkConf spark, ClusterSpec.Encryption wanted) {
    Optional<String> securing =
        SECURING.stream().filter(key -> spark.getBoolean(key, false)).findFirst();
    if (wanted == ClusterSpec.Encryption.OFF && securing.isPresent()) {
      throw new InputException(
          "cluster.encryption = off would send weights and gradients in clear text, but Spark's own connections are secured (%s = true)"
              .formatted(securing.get()),
          "set cluster.encryption = auto or on, or switch Spark's security off");
    }
    return wanted == ClusterSpec.Encryption.ON || securing.isPresent()
        ? PeerSettings.Protection.ENCRYPTED
        : PeerSettings.Protection.AUTHENTICATED;
  }

  /**
   * Refuses what {@link #of} refuses, before anything is started, and says in the log how far the
   * protection goes: the ranks' secret and fingerprints travel over Spark's connections.
   */
  public static void check(SparkConf spark, ClusterSpec cluster) {
    PeerSettings.Protection protection = of(spark, cluster.encryption());
    if (cluster.ranks() == 1) {
      return;
    }
    if (!spark.getBoolean(AUTHENTICATE, false)) {
      LOG.warn(
          "spark.authenticate is off: the secret that ranks prove themselves with travels in clear"
              + " text over Spark's connections, and anyone who reaches those can take part in"
              + " them");
    } else if (!spark.getBoolean(ENCRYPT, false) && !spark.getBoolean(SASL, false)) {
      LOG.warn(
          "spark.network.crypto.enabled is off: the secret that ranks prove themselves with travels"
              + " in clear text over Spark's authenticated connections");
    }
    LOG.info(
        "ranks exchange sums {}",
        protection == PeerSettings.Protection.ENCRYPTED ? "through TLS 1.3" : "in clear text");
  }
}
