package io.elapid.worker;

/** What a rank is doing; named in the report when it fails. */
enum Phase {
  START("starting"),
  MEET("meeting the other ranks"),
  RESTORE("restoring the checkpoint"),
  DATA("waiting for data"),
  COMPUTE("computing gradients"),
  SYNC("exchanging with the other ranks"),
  UPDATE("updating the weights"),
  EVALUATE("evaluating"),
  CHECKPOINT("writing the checkpoint");

  private final String words;

  Phase(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
