package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.collective.PeerSettings.Protection;
import io.elapid.config.ClusterSpec.Encryption;
import io.elapid.data.InputException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks are never less careful than Spark. */
final class PeerProtectionTest {
  private static SparkConf plain() {
    return new SparkConf(false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate",
        "spark.network.crypto.enabled",
        "spark.ssl.enabled",
        "spark.ssl.rpc.enabled"
      })
  void whereSparkIsSecuredRanksEncryptAndClearTextIsRefused(String key) {
    SparkConf secured = plain().set(key, "true");

    assertThat(PeerProtection.of(secured, Encryption.AUTO)).isEqualTo(Protection.ENCRYPTED);
    assertThat(PeerProtection.of(secured, Encryption.ON)).isEqualTo(Protection.ENCRYPTED);
    assertThatThrownBy(() -> PeerProtection.of(secured, Encryption.OFF))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(key + " = true");
  }

  @Test
  void elsewhereTheRecipeDecides() {
    assertThat(PeerProtection.of(plain(), Encryption.AUTO)).isEqualTo(Protection.AUTHENTICATED);
    assertThat(PeerProtection.of(plain(), Encryption.OFF)).isEqualTo(Protection.AUTHENTICATED);
    assertThat(PeerProtection.of(plain(), Encryption.ON)).isEqualTo(Protection.ENCRYPTED);
  }
}
