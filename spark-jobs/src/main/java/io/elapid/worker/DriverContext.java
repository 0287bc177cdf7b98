package io.elapid.worker;

import java.util.List;
import java.util.Optional;

/**
 * The driver in the place of a rank: it reports and saves for ranks that have no network between
 * their tasks.
 *
 * @param rank that it speaks for
 * @param host of the driver
 */
record DriverContext(int rank, int size, String host) implements RankContext {

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
    return false;
  }

  @Override
  public List<String> allGather(String mine) {
    throw new UnsupportedOperationException("the driver is no rank");
  }
}
