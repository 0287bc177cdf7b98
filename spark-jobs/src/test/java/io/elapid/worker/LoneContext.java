package io.elapid.worker;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a rank without others sees of Spark. */
record LoneContext(BooleanSupplier cancel) implements RankContext {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public String host() {
    return "localhost";
  }

  @Override
  public String executor() {
    return "driver";
  }

  @Override
  public List<String> gpus() {
    return List.of();
  }

  @Override
  public Optional<String> property(String name) {
    return Optional.empty();
  }

  @Override
  public boolean cancelled() {
    return cancel.getAsBoolean();
  }

  @Override
  public List<String> allGather(String mine) {
    return List.of(mine);
  }
}
