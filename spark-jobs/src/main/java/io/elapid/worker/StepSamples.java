package io.elapid.worker;

import java.util.ArrayList;
import java.util.List;

/**
 * The samples that a rank has seen in the current step: what to look at when the loss is no number.
 */
final class StepSamples {
  private final List<String> ids = new ArrayList<>();

  /** Begins a step. */
  void clear() {
    ids.clear();
  }

  /** Notes a shard's samples. */
  void saw(List<String> samples) {
    ids.addAll(samples);
  }

  List<String> ids() {
    return List.copyOf(ids);
  }
}
