package io.elapid.cli;

import io.elapid.engine.NaiveStep;
import io.elapid.engine.RewriteBench;
import io.elapid.engine.StepBench;
import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.Mode;
import java.util.List;
import java.util.function.BiFunction;

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

    @Override
    List<Form> forms() {
      return List.of(new Form("training", RewriteBench::training));
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

    @Override
    List<Form> forms() {
      return List.of(
          form("inference, eval form", Mode.EVAL), form("inference, deploy form", Mode.DEPLOY));
    }

    private Form form(String formTitle, Mode mode) {
      return new Form(
          formTitle, (settings, rewrites) -> RewriteBench.inference(settings, mode, rewrites));
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

  /** The programs that it is compiled to. */
  abstract List<Form> forms();

  /** A program, compiled with whatever rewrites. */
  record Form(String title, BiFunction<StepBench.Settings, Rewrites, RewriteBench> opener) {
    RewriteBench open(StepBench.Settings settings, Rewrites rewrites) {
      return opener.apply(settings, rewrites);
    }
  }

  /** As the command line calls it. */
  String word() {
    return word;
  }

  String title() {
    return title;
  }
}
