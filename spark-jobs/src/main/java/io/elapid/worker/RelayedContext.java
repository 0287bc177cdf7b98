package io.elapid.worker;

import java.util.List;
import java.util.Optional;

/** Announces a relay's port as the rank's own. */
record RelayedContext(RankContext context, FaultRelay relay) implements RankContext {
  @Override
  public int rank() {
    return context.rank();
  }

  @Override
  public int size() {
    return context.size();
  }

  @Override
  public String host() {
    return context.host();
  }

  @Override
  public String executor() {
    return context.executor();
  }

  @Override
  public List<String> gpus() {
    return context.gpus();
  }

  @Override
  public Optional<String> property(String name) {
    return context.property(name);
  }

  @Override
  public boolean cancelled() {
    return context.cancelled();
  }

  /** A line is "RANK PORT HOST" and more. */
  @Override
  public List<String> allGather(String mine) {
    String[] words = mine.split(" ", 3);
    int port = relay.open(context.host(), Integer.parseInt(words[1]));
    return context.allGather("%s %d %s".formatted(words[0], port, words[2]));
  }
}
