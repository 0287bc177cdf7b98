package io.elapid.collective;

/** A rank and where it listened when the group formed: how messages name it. */
record Peer(int rank, String host, int port) {

  @Override
  public String toString() {
    return "rank " + rank + " (" + host + ":" + port + ")";
  }

  /** One line for the rendezvous. */
  String encode() {
    return rank + " " + port + " " + host;
  }

  static Peer decode(String line) {
    String[] fields = line.split(" ", 3);
    return new Peer(Integer.parseInt(fields[0]), fields[2], Integer.parseInt(fields[1]));
  }
}
