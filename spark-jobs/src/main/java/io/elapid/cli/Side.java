package io.elapid.cli;

import io.elapid.engine.NaiveStep;
import io.elapid.engine.StepBench;

/** Who runs a network in a comparison with SameDiff. */
enum Side {
  ELAPID {
    @Override
    void run(StepKind kind, StepBench.Settings settings, int runs) {
      try (StepBench bench = kind.open(settings)) {
        for (int i = 0; i < runs; i++) {
          bench.run();
        }
      }
    }
  },
  SAMEDIFF {
    @Override
    void run(StepKind kind, StepBench.Settings settings, int runs) {
      try (NaiveStep naive = kind.openNaive(settings)) {
        for (int i = 0; i < runs; i++) {
          naive.timedRun();
        }
      }
    }
  };

  /** Builds the network and runs it that often. */
  abstract void run(StepKind kind, StepBench.Settings settings, int runs);
}
