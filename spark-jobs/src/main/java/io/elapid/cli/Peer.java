package io.elapid.cli;

import io.elapid.data.InputException;

/** What else can run a network of ours, to compare with. */
enum Peer {
  TORCH("efficientvim.py", "efficientvim_m");

  private static final String FOLDER = "model-dl4j/core/src/test/bench";

  private final String script;
  private final String models;

  Peer(String script, String models) {
    this.script = script;
    this.models = models;
  }

  /** The program to run, relative to Elapid's home. */
  String script() {
    return FOLDER + "/" + script;
  }

  /** Throws an {@link InputException} if it does not know the network. */
  void requireKnown(String model) {
    if (!model.startsWith(models)) {
      throw new InputException(
          "there is no %s in PyTorch to compare with".formatted(model),
          "choose one of efficientvim_m1 to efficientvim_m4, or leave out --peer");
    }
  }
}
