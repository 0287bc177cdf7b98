package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.golden.Filler;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.model.Models;
import io.elapid.nn.FeatureMap;
import io.elapid.op.OpRegistry;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** Networks with more than the usual head, and with less. */
@Tag("backend")
class HeadsTest {
  private static final int CLASSES = 5;
  private static final Filler FILLER = new Filler(3);

  private final Backbone network = Models.byName("efficientvim_nano");

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  @Test
  void everyHeadLearnsInTrainingAndTheirMeanIsTheAnswer() {
    Frame input = Frame.square(2, 64);
    Classifiers.Recorded distilled =
        new Classifiers.Recorded(network.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION));
    Blueprint blueprint =
        Classifiers.learning(distilled, CLASSES, input, DataType.DOUBLE, Mode.TRAIN);
    List<SDVariable> heads = distilled.scores().heads();
    assertThat(heads).hasSize(2);
    try (Arena weights = Arena.allocate(DataType.DOUBLE, blueprint.table().length())) {
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(GoldenNetwork.weights(FILLER));
      Set<String> kept = Set.of(heads.get(0).name(), heads.get(1).name());
      try (var shard = ShardProgram.compile(blueprint, Classifiers.FIGURES, parameters, kept)) {
        GoldenNetwork.write(shard.inputs().arena(), 0, GoldenNetwork.images(FILLER, input));
        shard
            .inputs()
            .array(TrainingLoss.TARGETS)
            .putScalar(new int[] {0, 3}, 1)
            .putScalar(new int[] {1, 2}, 1);
        shard.run();
        double[] first = GoldenAssertions.elements(shard.program().kept(heads.get(0).name()));
        double[] second = GoldenAssertions.elements(shard.program().kept(heads.get(1).name()));
        double[] answer = GoldenAssertions.elements(shard.outputs().array(Classifier.LOGITS));
        assertThat(first).isNotEqualTo(second);
        for (int i = 0; i < answer.length; i++) {
          assertThat(answer[i]).isCloseTo((first[i] + second[i]) / 2, within(1e-12));
        }
        double loss = shard.vector().view(shard.layout().loss()).getDouble(0);
        assertThat(loss).isCloseTo((entropy(first) + entropy(second)) / 2, within(1e-12));
      }
    }
  }

  /** Mean cross-entropy with labels 3 and 2. */
  private static double entropy(double[] scores) {
    return (entropy(scores, 0, 3) + entropy(scores, CLASSES, 2)) / 2;
  }

  private static double entropy(double[] scores, int from, int label) {
    double sum = 0;
    for (int c = 0; c < CLASSES; c++) {
      sum += Math.exp(scores[from + c]);
    }
    return Math.log(sum) - scores[from + label];
  }

  @Test
  void distillationHeadsHaveTheOfficialNames() {
    List<String> plain = names(network);
    List<String> distilled = names(network.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION));
    assertThat(distilled).containsAll(plain).contains("weights_dist", "heads_dist.3.bias");
    assertThat(distilled).hasSize(plain.size() + 9);
    assertThat(plain).noneMatch(name -> name.contains("_dist"));
    Backbone mobile = Models.byName("mobilemamba_t2");
    assertThat(names(mobile.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION)))
        .hasSize(names(mobile).size() + 4)
        .contains("head_dist.bn.weight", "head_dist.l.bias");
  }

  private static List<String> names(Backbone backbone) {
    return backbone.tensors(Mode.TRAIN, CLASSES).parameters().stream().map(Slot::name).toList();
  }

  @Test
  void featuresBuildNoFurtherThanTheLastStageAskedFor() {
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN);
    SDVariable images = scope.graph().placeHolder("images", DataType.FLOAT, 1, 3, 64, 96);
    List<FeatureMap> maps = network.features(scope, images, Set.of(1, 0));
    assertThat(maps).extracting(FeatureMap::channels).containsExactly(64L, 96L);
    assertThat(maps).extracting(FeatureMap::height).containsExactly(4L, 2L);
    assertThat(maps).extracting(FeatureMap::width).containsExactly(6L, 3L);
    assertThat(scope.table().parameters())
        .extracting(Slot::name)
        .anyMatch(name -> name.startsWith("stages.1.blocks"))
        .noneMatch(name -> name.startsWith("stages.1.downsample"))
        .noneMatch(name -> name.startsWith("stages.2") || name.startsWith("heads"));
    assertThatThrownBy(() -> network.features(scope, images, Set.of(3)))
        .hasMessageContaining("has stages 0 to 2, not [3]");
  }
}
