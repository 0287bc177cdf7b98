package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.model.Models;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class GradientBucketsTest {
  private static final int CLASSES = 10;

  /** What a listener was told, with the gradients as they were then. */
  private record Told(int from, int to, float[] values) {}

  @Test
  void everyGradientIsToldOnceFinalAndMostlyBeforeTheStepEnds() {
    Blueprint blueprint =
        Classifiers.learning(
            Models.byName("efficientvim_m1"),
            CLASSES,
            Frame.square(2, 64),
            DataType.FLOAT,
            Mode.TRAIN);
    try (Arena weights = Arena.allocate(DataType.FLOAT, blueprint.table().length())) {
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(blueprint.table().initialWeights(1));
      try (ShardProgram shard =
          ShardProgram.compile(blueprint, Classifiers.FIGURES, parameters, Set.of())) {
        shard.load(Batches.noise(1, 2, 64, CLASSES));
        List<Told> told = new ArrayList<>();
        shard.run(
            (kind, name, nanos) -> {},
            (from, to) -> told.add(new Told(from, to, values(shard, from, to))));
        assertThat(told).hasSizeGreaterThan(3);
        int end = 0;
        for (Told part : told.stream().sorted(Comparator.comparingInt(Told::from)).toList()) {
          assertThat(part.from()).isEqualTo(end);
          assertThat(part.values()).isEqualTo(values(shard, part.from(), part.to()));
          end = part.to();
        }
        assertThat(end).isEqualTo(Math.toIntExact(blueprint.table().parameterLength()));
      }
    }
  }

  private static float[] values(ShardProgram shard, int from, int to) {
    float[] values = new float[to - from];
    shard.vector().buffer().asFloatBuffer().get(from, values);
    return values;
  }

  @Test
  void bucketsComeInTheOrderInWhichTheyAreComplete() {
    List<Slot> slots =
        List.of(slot("stem", 0, 10), slot("head", 10, 5), slot("body", 15, 4), slot("neck", 19, 6));
    List<Integer> lastSteps = List.of(9, 2, 7, 5);
    GradientBuckets buckets =
        GradientBuckets.of(slots, slot -> lastSteps.get(slots.indexOf(slot)), 5);
    assertThat(buckets.buckets())
        .containsExactly(
            new GradientBuckets.Bucket(19, 25, 5),
            new GradientBuckets.Bucket(10, 19, 7),
            new GradientBuckets.Bucket(0, 10, 9));
    List<Integer> starts = new ArrayList<>();
    var steps = buckets.telling((from, to) -> starts.add(from));
    steps.accept(4);
    assertThat(starts).isEmpty();
    steps.accept(5);
    steps.accept(6);
    assertThat(starts).containsExactly(19);
    steps.accept(9);
    assertThat(starts).containsExactly(19, 10, 0);
  }

  private static Slot slot(String name, long offset, long length) {
    return new Slot(name, new long[] {length}, offset, length);
  }
}
