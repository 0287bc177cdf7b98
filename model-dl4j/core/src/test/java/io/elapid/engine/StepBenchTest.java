package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.benchmark.Work;
import io.elapid.data.loader.Batch;
import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.Mode;
import io.elapid.model.Models;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a benchmark measures is what training and evaluation run, counted right. */
@Tag("backend")
final class StepBenchTest {
  private static final int CLASSES = 10;
  private static final StepBench.Settings SMALL =
      new StepBench.Settings(Models.byName("efficientvim_m1"), CLASSES, 64, 2, 1);

  @Test
  void deployedNetworkCountsTheWorkThatTheGraphOfOnePictureCounts() {
    try (StepBench bench = StepBench.inference(SMALL)) {
      double counted =
          bench.operations().stream().mapToDouble(operation -> operation.work().products()).sum();
      long one = NetworkCost.of(SMALL.model(), CLASSES, 64, Mode.DEPLOY).multiplyAccumulates();
      assertThat(counted).isEqualTo(2.0 * one);
    }
  }

  @Test
  void aStepDoesThreeTimesTheForwardsProductsLessTheFirstLayersInputGradient() {
    try (StepBench bench = StepBench.training(SMALL)) {
      double counted =
          bench.operations().stream().mapToDouble(operation -> operation.work().products()).sum();
      NetworkCost cost = NetworkCost.of(SMALL.model(), CLASSES, 64, Mode.TRAIN);
      LayerCost stem =
          cost.layers().stream().filter(layer -> layer.multiplyAccumulates() > 0).findFirst().get();
      double expected = 2.0 * (3 * cost.multiplyAccumulates() - stem.multiplyAccumulates());
      assertThat(counted).isEqualTo(expected);
    }
  }

  @Test
  void everyOperationIsObservedInOrderAndThenTheUpdate() {
    try (StepBench bench = StepBench.training(SMALL)) {
      List<String> observed = new ArrayList<>();
      bench.run((kind, name, nanos) -> observed.add(name));
      List<String> expected =
          new ArrayList<>(bench.operations().stream().map(StepOperation::name).toList());
      expected.add(StepBench.UPDATE);
      assertThat(observed).isEqualTo(expected);
    }
  }

  @Test
  void aProfileAccountsForTheWholeStep() {
    try (StepBench bench = StepBench.training(SMALL)) {
      StepProfile profile = bench.profile(3);
      int calls = profile.kinds().stream().mapToInt(StepProfile.Kind::calls).sum();
      assertThat(calls).isEqualTo(bench.operations().size() + 1);
      assertThat(profile.outside()).isPositive().isLessThan(profile.run());
      assertThat(profile.products()).isPositive().isLessThan(profile.run());
      assertThat(profile.timesProducts()).isGreaterThan(1);
      Work.Speeds speeds = new Work.Speeds(1, Double.POSITIVE_INFINITY, 1);
      double floors =
          bench.operations().stream()
              .mapToDouble(o -> Math.max(o.work().bytes(), o.work().products()))
              .sum();
      assertThat(profile.floor(speeds)).isCloseTo(floors, within(1e-6 * floors));
    }
  }

  @Test
  void stockOperationsThatWeAreComparedWithComputeTheSameScores() {
    try (NaiveStep naive = NaiveStep.inference(SMALL);
        Evaluator<Batch> evaluator =
            new Evaluator<>(SMALL.network(), SMALL.frame(), Mode.DEPLOY, SMALL.threads())) {
      evaluator.parameters().load(StepBench.initialWeights(SMALL));
      float[] ours = new float[2 * CLASSES];
      evaluator.answers(StepBench.pictures(SMALL)).floats(Classifier.LOGITS).get(ours);
      assertThat(naive.run().values().iterator().next().dup('c').data().asFloat())
          .containsExactly(ours, within(1e-4f));
      assertThat(naive.peakLiveBytes()).isPositive().isLessThanOrEqualTo(naive.peakHeldBytes());
    }
  }

  @Test
  void rewritesAreMeasuredByLeavingOneOut() {
    try (RewriteBench all = RewriteBench.training(SMALL, Rewrites.all());
        RewriteBench sums = RewriteBench.training(SMALL, Rewrites.all().without("Sums"));
        RewriteBench norms =
            RewriteBench.training(SMALL, Rewrites.all().without("RecomputedNorms"))) {
      assertThat(all.timedRun()).isPositive();
      assertThat(sums.operations()).isGreaterThan(all.operations());
      assertThat(norms.operations()).isLessThan(all.operations());
      assertThat(norms.arenaBytes()).isGreaterThan(all.arenaBytes());
    }
    try (RewriteBench all = RewriteBench.inference(SMALL, Mode.DEPLOY, Rewrites.all());
        RewriteBench none = RewriteBench.inference(SMALL, Mode.DEPLOY, Rewrites.none())) {
      assertThat(all.timedRun()).isPositive();
      assertThat(all.operations()).isLessThan(none.operations());
    }
  }

  @Test
  void theSessionsStepTakesAtLeastTheMemoryOfTheGradients() {
    try (NaiveStep naive = NaiveStep.training(SMALL)) {
      naive.run();
      long gradients =
          NetworkCost.of(SMALL.model(), CLASSES, 64, Mode.TRAIN).trainable() * Float.BYTES;
      assertThat(naive.peakLiveBytes()).isGreaterThan(gradients);
    }
  }
}
