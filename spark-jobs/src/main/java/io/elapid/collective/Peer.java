package io.elapid.collective;

/**
 * A rank and where it listened when the group formed: how messages name it.
 *
 * @param key fingerprint of its key; a dash if it has none
 */
record Peer(int rank, String host, int port, String key) {

  @Override
  public String toString() {
    return "rank " + rank + " (" + host + ":" + port + ")";
  }

  /** One line for the rendezvous. */
  String encode() {
    return rank + " " + port + " " + key + " " + host;
  }

  static Peer decode(String line) {
    String[] fields = line.split(" ", 4);
    return new Peer(Integer.parseInt(fields[0]), fields[3], Integer.parseInt(fields[1]), fields[2]);
  }
}
