package io.elapid.cli;

import io.elapid.engine.NaiveStep;
import io.elapid.engine.StepBench;

/** What a network can be timed at. */
enum StepKind {
  TRAIN("train", "training") {
    @Override
    StepBench open(StepBench.Settings settings) {
      return StepBench.training(settings);
    }

    @Override
    NaiveStep openNaive(StepBench.Settings settings) {
      return NaiveStep.training(settings);
    }
  },
  INFER("infer", "inference") {
    @Override
    StepBench open(StepBench.Settings settings) {
      return StepBench.inference(settings);
    }

    @Override
    NaiveStep openNaive(StepBench.Settings settings) {
      return NaiveStep.inference(settings);
    }
  };

  private final String word;
  private final String title;

  StepKind(String word, String title) {
    this.word = word;
    this.title = title;
  }

  abstract StepBench open(StepBench.Settings settings);

  abstract NaiveStep openNaive(StepBench.Settings settings);

  /** As the command line calls it. */
  String word() {
    return word;
  }

  String title() {
    return title;
  }
}
