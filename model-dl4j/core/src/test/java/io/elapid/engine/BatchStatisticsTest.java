package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.loader.Batch;
import io.elapid.golden.Filler;
import io.elapid.graph.Arena;
import io.elapid.graph.BatchStatistics;
import io.elapid.graph.Freezing;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.model.Models;
import io.elapid.nn.BatchNormalization;
import io.elapid.op.Activation;
import io.elapid.op.OpRegistry;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Batch norms that take statistics of all shards of a batch, on the way forward and back. */
@Tag("backend")
class BatchStatisticsTest {
  private static final int SIZE = 4;
  private static final int SHARDS = 4;
  private static final int SIDE = 32;
  private static final int CLASSES = 10;

  /**
   * Two batch norms over shards of different sizes, in double: {@code loss_i = mean((w -
   * f(norm(f(norm(x)))))^2)} with f the SiLU, and the loss of the batch is the mean over shards.
   */
  private static final class Example {
    static final int CHANNELS = 2;
    static final int POSITIONS = 6;
    static final int[] SAMPLES = {2, 1, 3};
    static final List<String> WEIGHTS = List.of("a.weight", "a.bias", "b.weight", "b.bias");

    final Map<String, double[]> weights = new HashMap<>();
    final List<double[]> pictures = new ArrayList<>();
    final List<double[]> wanted = new ArrayList<>();

    Example() {
      Filler filler = new Filler(3);
      WEIGHTS.forEach(name -> weights.put(name, wide(filler.range(name, CHANNELS, 0.4, 1.4))));
      for (int i = 0; i < SAMPLES.length; i++) {
        int values = SAMPLES[i] * CHANNELS * POSITIONS;
        pictures.add(wide(filler.range("x" + i, values, -1 + i, 2 - i / 2.0)));
        wanted.add(wide(filler.range("w" + i, values, -1, 1)));
      }
    }

    private static double[] wide(float[] narrow) {
      return IntStream.range(0, narrow.length).mapToDouble(i -> narrow[i]).toArray();
    }

    /** The loss of the batch, without any of our ops. */
    double loss() {
      List<double[]> maps = activated(normed(activated(normed(pictures, "a")), "b"));
      double loss = 0;
      for (int i = 0; i < SAMPLES.length; i++) {
        double sum = 0;
        for (int j = 0; j < maps.get(i).length; j++) {
          sum += Math.pow(wanted.get(i)[j] - maps.get(i)[j], 2);
        }
        loss += sum / maps.get(i).length / SAMPLES.length;
      }
      return loss;
    }

    private List<double[]> normed(List<double[]> maps, String name) {
      List<double[]> results = maps.stream().map(double[]::clone).toList();
      for (int c = 0; c < CHANNELS; c++) {
        double mean = mean(maps, c);
        double invStd = 1 / Math.sqrt(variance(maps, c) + 1e-5);
        for (double[] map : results) {
          for (int j = 0; j < map.length; j++) {
            if (channel(j) == c) {
              map[j] =
                  weights.get(name + ".weight")[c] * (map[j] - mean) * invStd
                      + weights.get(name + ".bias")[c];
            }
          }
        }
      }
      return results;
    }

    static double mean(List<double[]> maps, int c) {
      return values(maps, c).stream().mapToDouble(v -> v).average().orElseThrow();
    }

    /** The biased one. */
    static double variance(List<double[]> maps, int c) {
      double mean = mean(maps, c);
      return values(maps, c).stream()
          .mapToDouble(v -> (v - mean) * (v - mean))
          .average()
          .orElseThrow();
    }

    private static List<Double> values(List<double[]> maps, int c) {
      List<Double> values = new ArrayList<>();
      for (double[] map : maps) {
        for (int j = 0; j < map.length; j++) {
          if (channel(j) == c) {
            values.add(map[j]);
          }
        }
      }
      return values;
    }

    private static int channel(int index) {
      return index / POSITIONS % CHANNELS;
    }

    private static List<double[]> activated(List<double[]> maps) {
      return maps.stream()
          .map(map -> Arrays.stream(map).map(v -> v / (1 + Math.exp(-v))).toArray())
          .toList();
    }

    double difference(double[] values, int index) {
      double step = 1e-5;
      double original = values[index];
      values[index] = original + step;
      double above = loss();
      values[index] = original - step;
      double below = loss();
      values[index] = original;
      return (above - below) / (2 * step);
    }
  }

  /** What a shard of the example computes. */
  private static final class Shard implements AutoCloseable {
    final Map<String, INDArray> results = new HashMap<>();
    final Map<String, INDArray> gradients = new HashMap<>();
    final INDArray loss = Nd4j.create(DataType.DOUBLE);
    final Map<String, INDArray> statistics = new HashMap<>();
    final StepProgram program;

    Shard(Example example, int index) {
      OpRegistry.register();
      long[] shape = {Example.SAMPLES[index], Example.CHANNELS, 2, 3};
      SameDiff graph = SameDiff.create();
      Scope scope =
          Scope.root(graph, DataType.DOUBLE, Mode.TRAIN, Freezing.nothing(), BatchStatistics.BATCH);
      SDVariable x = graph.placeHolder("x", DataType.DOUBLE, shape);
      SDVariable w = graph.placeHolder("w", DataType.DOUBLE, shape);
      SDVariable y = norm(scope.child("b"), norm(scope.child("a"), x));
      SDVariable mean = graph.loss().meanSquaredError("loss", w, y, null);
      List<String> names = new ArrayList<>(Example.WEIGHTS);
      names.add("x");
      Gradients of = Gradients.of(graph, mean, names);
      Map<String, INDArray> given = new HashMap<>();
      example.weights.forEach((name, values) -> given.put(name, Nd4j.createFromArray(values)));
      given.put("x", Nd4j.createFromArray(example.pictures.get(index)).reshape('c', shape));
      given.put("w", Nd4j.createFromArray(example.wanted.get(index)).reshape('c', shape));
      for (String name : names) {
        gradients.put(name, Nd4j.create(DataType.DOUBLE, given.get(name).shape()));
        results.put(of.names().get(name), gradients.get(name));
      }
      scope
          .batchStatistics()
          .forEach(
              (name, value) -> {
                statistics.put(name, Nd4j.create(DataType.DOUBLE, Example.CHANNELS));
                results.put(value.name(), statistics.get(name));
              });
      results.put("loss", loss);
      program = StepProgram.compile(new ProgramSpec(of.graph(), given, results, Set.of()));
    }

    private static SDVariable norm(Scope scope, SDVariable x) {
      SDVariable y = BatchNormalization.apply(scope, x, Example.CHANNELS);
      return Activation.apply(scope.graph(), y, ActivationKind.SILU);
    }

    @Override
    public void close() {
      program.close();
    }
  }

  @Test
  void statisticsAndGradientsAreThoseOfTheWholeBatch() {
    Example example = new Example();
    try (Shard first = new Shard(example, 0);
        Shard second = new Shard(example, 1);
        Shard third = new Shard(example, 2)) {
      List<Shard> shards = List.of(first, second, third);
      List<String> meetings = new ArrayList<>();
      for (int round = 0; round < 2; round++) {
        meetings.clear();
        Lockstep.run(
            shards.stream().map(s -> s.program.pass((kind, name, nanos) -> {})).toList(),
            ShardMeeting.closed(),
            (shard, where, share) -> meetings.add(shard + " " + where.replaceAll(".*\\(", "(")));
      }
      assertThat(meetings)
          .filteredOn(meeting -> meeting.startsWith("0"))
          .extracting(meeting -> meeting.substring(2))
          .allMatch(meeting -> meeting.contains("elapid_batch_moments"))
          .hasSize(4);

      double loss =
          shards.stream().mapToDouble(shard -> shard.loss.getDouble(0)).average().orElse(0);
      assertThat(loss).isCloseTo(example.loss(), within(1e-13));
      for (Shard shard : shards) {
        for (int c = 0; c < Example.CHANNELS; c++) {
          assertThat(shard.statistics.get("a.running_mean").getDouble(c))
              .isCloseTo(Example.mean(example.pictures, c), within(1e-13));
          int values = Arrays.stream(Example.SAMPLES).sum() * Example.POSITIONS;
          assertThat(shard.statistics.get("a.running_var").getDouble(c))
              .isCloseTo(
                  Example.variance(example.pictures, c) * values / (values - 1), within(1e-13));
        }
      }
      for (String name : Example.WEIGHTS) {
        for (int c = 0; c < Example.CHANNELS; c++) {
          int channel = c;
          double gradient =
              shards.stream()
                  .mapToDouble(shard -> shard.gradients.get(name).getDouble(channel))
                  .average()
                  .orElse(0);
          assertThat(gradient)
              .as("%s[%d]", name, c)
              .isCloseTo(example.difference(example.weights.get(name), c), within(1e-9));
        }
      }
      for (int i = 0; i < shards.size(); i++) {
        INDArray gradient = shards.get(i).gradients.get("x").reshape(-1);
        for (int j = 0; j < gradient.length(); j++) {
          assertThat(gradient.getDouble(j) / shards.size())
              .as("x%d[%d]", i, j)
              .isCloseTo(example.difference(example.pictures.get(i), j), within(1e-9));
        }
      }
    }
  }

  private static TrainerSettings<Batch> settings(BatchStatistics statistics) {
    return TrainerSettings.classifier(
            Models.byName("efficientvim_nano"),
            CLASSES,
            SIDE,
            SIZE,
            5,
            AdamWSettings.published(),
            0,
            0,
            1)
        .with(statistics);
  }

  @Test
  void shardsComputeWhatOneShardOfTheWholeBatchDoes() {
    double[] whole = network(BatchStatistics.SHARD, 1);

    assertThat(distance(network(BatchStatistics.BATCH, SHARDS), whole)).isLessThan(1e-9);
    assertThat(distance(network(BatchStatistics.SHARD, SHARDS), whole)).isGreaterThan(0.05);
  }

  /** The mean over shards of gradients, statistics and loss of a network in double. */
  private static double[] network(BatchStatistics statistics, int count) {
    int samples = SHARDS * SIZE / count;
    Batch whole = Batches.noise(1, SHARDS * SIZE, SIDE, CLASSES);
    double[] images = wide(whole.images());
    double[] targets = wide(whole.targets());
    OpRegistry.register();
    Scope scope =
        Scope.root(SameDiff.create(), DataType.DOUBLE, Mode.TRAIN, Freezing.nothing(), statistics);
    Blueprint blueprint =
        Blueprint.learning(
            new Classifier(Models.byName("efficientvim_nano"), CLASSES),
            Frame.square(samples, SIDE),
            scope);
    List<ShardProgram> shards = new ArrayList<>();
    try (Arena weights = Arena.allocate(DataType.DOUBLE, blueprint.table().length())) {
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(blueprint.table().initialWeights(5));
      for (int i = 0; i < count; i++) {
        ShardProgram shard =
            ShardProgram.compile(blueprint, Classifiers.FIGURES, parameters, Set.of());
        shards.add(shard);
        GoldenNetwork.write(shard.inputs().arena(), 0, part(images, i, count));
        GoldenNetwork.write(shard.inputs().arena(), images.length / count, part(targets, i, count));
      }
      Lockstep.run(
          shards.stream().map(shard -> shard.pass((kind, name, nanos) -> {})).toList(),
          ShardMeeting.closed(),
          (shard, where, share) -> {});
      int length = shards.get(0).layout().loss() + 1;
      double[] mean = new double[length];
      for (ShardProgram shard : shards) {
        for (int i = 0; i < length; i++) {
          mean[i] += shard.vector().buffer(i, 1).asDoubleBuffer().get(0) / count;
        }
      }
      return mean;
    } finally {
      shards.forEach(ShardProgram::close);
    }
  }

  private static double[] wide(ByteBuffer floats) {
    return GoldenNetwork.widened(floats(floats));
  }

  private static double[] part(double[] all, int index, int count) {
    int length = all.length / count;
    return Arrays.copyOfRange(all, index * length, (index + 1) * length);
  }

  /** Relative to the second. */
  private static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < b.length; i++) {
      difference += Math.pow(a[i] - b[i], 2);
      norm += Math.pow(b[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  @Test
  void theSameShardsGiveTheSameBitsEveryTime() {
    List<Batch> shards = cut(Batches.noise(1, SHARDS * SIZE, SIDE, CLASSES));
    try (Trainer<Batch> trainer = new Trainer<>(settings(BatchStatistics.BATCH))) {
      List<float[]> once = vectors(trainer, shards);
      assertThat(once.get(0)).isNotEqualTo(floats(trainer.computeShard(shards.get(0))));
      List<float[]> again = vectors(trainer, shards);
      for (int i = 0; i < SHARDS; i++) {
        assertThat(again.get(i)).isEqualTo(once.get(i));
      }
    }
  }

  private static List<float[]> vectors(Trainer<Batch> trainer, List<Batch> shards) {
    return trainer.computeShards(shards, ShardMeeting.closed(), (kind, name, nanos) -> {}).stream()
        .map(BatchStatisticsTest::floats)
        .toList();
  }

  @Test
  void memoryIsPlannedForShardsSideBySide() {
    MemoryUse one = Trainer.plan(settings(BatchStatistics.BATCH));
    MemoryUse all = one.sideBySide(SHARDS);
    assertThat(all.peak() - one.state()).isEqualTo(SHARDS * (one.peak() - one.state()));
    // the norms' results are computed again for the way back, whatever they go by
    assertThat(one.arena())
        .isLessThan(Trainer.plan(settings(BatchStatistics.SHARD)).arena() * 5 / 4);
  }

  @Test
  void theShardThatDivergesIsNamedBeforeTheOthersHearOfIt() {
    List<Batch> shards = cut(Batches.noise(1, SHARDS * SIZE, SIDE, CLASSES));
    shards.get(2).images().putFloat(0, Float.NaN);
    List<Integer> met = new ArrayList<>();
    try (Trainer<Batch> trainer = new Trainer<>(settings(BatchStatistics.BATCH))) {
      assertThatThrownBy(
              () ->
                  trainer.computeShards(
                      shards,
                      shares -> {
                        met.add(shares.size());
                        return shares;
                      },
                      (kind, name, nanos) -> {}))
          .isInstanceOf(DivergenceException.class)
          .hasMessageStartingWith("a shard has NaN to tell the others in ")
          .hasMessageContaining(" at step 0; its samples: [shard 2, shard 2, shard 2, shard 2]")
          .hasMessageContaining("run again, first elapid_conv2d wrote ");
      assertThat(met).isEmpty();
    }
  }

  /** The shards of a batch. */
  private static List<Batch> cut(Batch whole) {
    List<Batch> shards = new ArrayList<>();
    for (int i = 0; i < SHARDS; i++) {
      int from = i * SIZE;
      shards.add(
          new Batch(
              part(whole.images(), i),
              part(whole.targets(), i),
              Arrays.copyOfRange(whole.labels(), from, from + SIZE),
              Collections.nCopies(SIZE, "shard " + i),
              Arrays.copyOfRange(whole.seeds(), from, from + SIZE),
              SIZE,
              SIZE,
              SIDE,
              CLASSES));
    }
    return shards;
  }

  private static ByteBuffer part(ByteBuffer all, int index) {
    int length = all.capacity() / SHARDS;
    return all.slice(index * length, length).order(ByteOrder.nativeOrder());
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.asFloatBuffer().remaining()];
    vector.asFloatBuffer().get(values);
    return values;
  }
}
