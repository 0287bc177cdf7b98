package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.model.Models;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Names, shapes and counts of the networks' tensors, and the equality of their deploy form. */
@Tag("backend")
class NetworkShapesTest {
  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  static List<Golden> shapeFiles() {
    return Goldens.all(path -> path.getParent().getFileName().toString().equals("shapes"));
  }

  static List<Arguments> deployForms() {
    List<Arguments> forms = new ArrayList<>();
    for (Golden golden : Goldens.all(path -> path.endsWith("reparam.json"))) {
      for (Map.Entry<String, JsonNode> entry : golden.json().properties()) {
        // beside the networks a file may name its seed
        if (entry.getValue().isObject()) {
          forms.add(Arguments.of(Models.byName(entry.getKey()), entry.getValue(), golden));
        }
      }
    }
    return forms;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("shapeFiles")
  void tensorsHaveTheOfficialNamesAndShapes(Golden golden) {
    Backbone backbone = GoldenNetwork.backbone(golden);
    ParameterTable table = backbone.tensors(Mode.TRAIN, GoldenNetwork.CLASSES);
    assertThat(backbone.imageSize()).isEqualTo(golden.json().path("paper_resolution").asInt());
    assertThat(described(table.parameters()))
        .containsExactlyInAnyOrderElementsOf(official(golden.json(), "param"));
    assertThat(described(table.buffers()))
        .containsExactlyInAnyOrderElementsOf(official(golden.json(), "buffer"));
    assertThat(table.fixed())
        .extracting(tensor -> tensor.name() + Arrays.toString(tensor.shape()))
        .containsExactlyInAnyOrderElementsOf(official(golden.json(), "const"));
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("deployForms")
  void deployFormHasFewerParametersAndTheSameScores(
      Backbone backbone, JsonNode golden, Golden file) {
    assertThat(parameters(backbone, Mode.TRAIN)).isEqualTo(golden.path("params_train").asLong());
    assertThat(parameters(backbone, Mode.DEPLOY)).isEqualTo(golden.path("params_deploy").asLong());
    JsonNode oneHead = golden.path("params_deploy_single_head");
    if (!oneHead.isMissingNode()) {
      Backbone headed = backbone.withHeads(Heads.CLASSIFICATION);
      assertThat(parameters(headed, Mode.DEPLOY)).isEqualTo(oneHead.asLong());
    }
    GoldenFamily family = GoldenFamily.ofNetwork(backbone.name());
    assertSameScores(backbone, file, DataType.DOUBLE, 1e-10);
    assertSameScores(backbone, file, DataType.FLOAT, family.tolerance(DataType.FLOAT));
  }

  private static long parameters(Backbone backbone, Mode mode) {
    return backbone.tensors(mode, GoldenNetwork.CLASSES).countedLength();
  }

  private static void assertSameScores(
      Backbone backbone, Golden file, DataType type, double tolerance) {
    Frame input = Frame.square(2, 64);
    try (var train = new GoldenNetwork.Forward(backbone, input, type, Mode.EVAL, file.filler());
        var deploy = new GoldenNetwork.Forward(backbone, input, type, Mode.DEPLOY, file.filler())) {
      double[] expected = GoldenAssertions.elements(train.logits());
      GoldenAssertions.allClose(
          GoldenAssertions.elements(deploy.logits()),
          expected,
          tolerance * GoldenAssertions.absMax(expected));
    }
  }

  private static List<String> described(List<Slot> slots) {
    return slots.stream().map(Slot::toString).toList();
  }

  private static List<String> official(JsonNode json, String kind) {
    return Goldens.elements(json.path("entries")).stream()
        .filter(entry -> entry.get(2).asText().equals(kind))
        .map(entry -> entry.get(0).asText() + Arrays.toString(Goldens.longs(entry.get(1))))
        .toList();
  }
}
