package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.loader.Batch;
import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.Arena;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.nn.Bias;
import io.elapid.nn.ConvLayer;
import io.elapid.nn.Convolution;
import io.elapid.nn.DropPath;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LinearHead;
import io.elapid.op.SpatialMean;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class DropPathTest {
  private static final int SIZE = 4;
  private static final int SIDE = 8;
  private static final int CLASSES = 3;

  /** Two convolutions, each of which a sample may skip. */
  private record Skipping(double rate) implements ImageClassifier {
    @Override
    public String name() {
      return "skipping";
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Scores scores(Scope scope, SDVariable images, int classes) {
      long[] s = images.getShape();
      FeatureMap x = new FeatureMap(images, s[0], s[1], s[2], s[3]);
      for (int i = 0; i < 2; i++) {
        FeatureMap branch =
            ConvLayer.apply(
                scope.child(i).child("conv"), x, Convolution.pointwise(3, 3), Bias.LEARNT);
        x = DropPath.add(scope.child(i), x, branch, rate);
      }
      SDVariable mean = SpatialMean.apply(scope.graph(), x.value());
      return Scores.of(LinearHead.apply(scope.child("head"), mean, 3, classes));
    }
  }

  private static Trainer<Batch> trainer(double rate) {
    return new Trainer<>(
        TrainerSettings.classifier(
            new Skipping(rate), CLASSES, SIDE, SIZE, 5, AdamWSettings.published(), 0, 0, 1));
  }

  private static Batch batch(long... seeds) {
    Batch noise = Batches.noise(1, SIZE, SIDE, CLASSES);
    return new Batch(
        noise.images(),
        noise.targets(),
        noise.labels(),
        noise.ids(),
        seeds,
        noise.size(),
        noise.capacity(),
        noise.imageSize(),
        noise.classes());
  }

  @Test
  void theSeedsOfTheSamplesAloneDecideWhatIsDropped() {
    float[] first;
    try (Trainer<Batch> trainer = trainer(0.5)) {
      first = floats(trainer.computeShard(batch(1, 2, 3, 4)));
      assertThat(floats(trainer.computeShard(batch(5, 6, 7, 8)))).isNotEqualTo(first);
      assertThat(floats(trainer.computeShard(batch(1, 2, 3, 4)))).isEqualTo(first);
    }
    try (Trainer<Batch> another = trainer(0.5)) {
      assertThat(floats(another.computeShard(batch(1, 2, 3, 4)))).isEqualTo(first);
    }
    try (Trainer<Batch> whole = trainer(0)) {
      float[] undropped = floats(whole.computeShard(batch(1, 2, 3, 4)));
      assertThat(floats(whole.computeShard(batch(5, 6, 7, 8)))).isEqualTo(undropped);
    }
  }

  @Test
  void eachSiteDropsAtItsRateByItselfAndKeepsTheMean() {
    int samples = 20_000;
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN);
    String often = scope.child("often").dropPath(0.5, samples).name();
    String rarely = scope.child("rarely").dropPath(0.2, samples).name();
    try (PassInputs inputs = inputs(scope, samples)) {
      assertThat(inputs.arrays().get(often).sumNumber().intValue()).isEqualTo(samples);
      inputs.load(blank(samples));
      double[] half = GoldenAssertions.elements(inputs.arrays().get(often));
      double[] fifth = GoldenAssertions.elements(inputs.arrays().get(rarely));
      assertThat(half).containsOnly(0, 2);
      assertThat(fifth).containsOnly(0, 1.25);
      assertThat(GoldenAssertions.sum(half) / samples).isCloseTo(1, within(0.03));
      assertThat(GoldenAssertions.sum(fifth) / samples).isCloseTo(1, within(0.03));
      double both = 0;
      for (int i = 0; i < samples; i++) {
        both += half[i] * fifth[i] / samples;
      }
      assertThat(both).as("independence").isCloseTo(1, within(0.03));
    }
  }

  @Test
  void channelsOfASampleAreDroppedByThemselvesAndAsItsSeedSays() {
    int samples = 500;
    int channels = 40;
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN);
    String site = scope.child("head").dropChannels(0.1, samples, channels).name();
    try (PassInputs inputs = inputs(scope, samples)) {
      inputs.load(blank(samples));
      double[] factors = GoldenAssertions.elements(inputs.arrays().get(site));
      assertThat(factors).hasSize(samples * channels).containsOnly(0, (float) (1 / 0.9));
      assertThat(GoldenAssertions.sum(factors) / factors.length).isCloseTo(1, within(0.02));
      double neighbours = 0;
      for (int i = 1; i < factors.length; i++) {
        neighbours += factors[i - 1] * factors[i] / (factors.length - 1);
      }
      assertThat(neighbours).as("independence").isCloseTo(1, within(0.03));
      inputs.load(blank(samples));
      assertThat(GoldenAssertions.elements(inputs.arrays().get(site))).isEqualTo(factors);
    }
  }

  /** Of a graph that takes pictures of one pixel. */
  private static PassInputs inputs(Scope scope, int samples) {
    Ports ports = new Ports(scope, Frame.square(samples, 1));
    Blueprint blueprint =
        new Blueprint(scope, scope.table(), ports, Optional.empty(), Rewrites.all());
    return new PassInputs(blueprint, Arena::allocate);
  }

  private static Batch blank(int samples) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(3 * samples * Float.BYTES);
    long[] seeds = LongStream.range(0, samples).toArray();
    return new Batch(bytes, bytes, new int[samples], List.of(), seeds, samples, samples, 1, 1);
  }

  @Test
  void nothingIsDroppedInUse() {
    Frame input = Frame.square(SIZE, SIDE);
    Blueprint blueprint =
        Blueprint.answering(
            new Classifier(new Skipping(0.5), CLASSES), input, DataType.FLOAT, Mode.EVAL);
    assertThat(blueprint.scope().drops()).isEmpty();
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.asFloatBuffer().remaining()];
    vector.asFloatBuffer().get(values);
    return values;
  }
}
