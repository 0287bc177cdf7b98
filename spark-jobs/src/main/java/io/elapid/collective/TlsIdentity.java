package io.elapid.collective;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;

/**
 * A key pair that lives as long as the meeting of the ranks, and TLS 1.3 with it in both
 * directions. Who may be at the other end is told by fingerprints, which the ranks hand each other
 * over Spark's own channel.
 */
final class TlsIdentity {
  private static final String PROTOCOL = "TLSv1.3";

  private final KeyManager[] keys;
  private final String fingerprint;

  /** Makes a new key pair on P-256. */
  TlsIdentity() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      char[] password = new char[0];
      store.setKeyEntry(
          "rank", pair.getPrivate(), password, new X509Certificate[] {CarrierCertificate.of(pair)});
      KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(store, password);
      keys = factory.getKeyManagers();
      fingerprint = fingerprint(pair.getPublic());
    } catch (GeneralSecurityException | IOException e) {
      throw new CollectiveException("cannot make keys for encrypted channels: " + e, e);
    }
  }

  /** SHA-256 of this rank's public key, in hexadecimal digits. */
  String fingerprint() {
    return fingerprint;
  }

  static String fingerprint(PublicKey key) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
  }

  /** The connecting end; fails unless the other end holds the key of that fingerprint. */
  TlsTransport connect(SocketChannel channel, String expected) throws IOException {
    SSLEngine engine = engine(Set.of(expected));
    engine.setUseClientMode(true);
    return transport(channel, engine);
  }

  /** The accepting end; fails unless the other end holds one of these keys. */
  TlsTransport accept(SocketChannel channel, Set<String> known) throws IOException {
    SSLEngine engine = engine(known);
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return transport(channel, engine);
  }

  private static TlsTransport transport(SocketChannel channel, SSLEngine engine)
      throws IOException {
    TlsTransport transport = new TlsTransport(channel, engine);
    transport.handshake();
    return transport;
  }

  private SSLEngine engine(Set<String> known) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(keys, new TrustManager[] {new PinnedKeys(known)}, new SecureRandom());
      SSLEngine engine = context.createSSLEngine();
      engine.setEnabledProtocols(new String[] {PROTOCOL});
      return engine;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
