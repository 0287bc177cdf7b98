package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Which background anchors a detector learns from: one class and the background, label 1. */
@Tag("backend")
class HardNegativesTest {
  private final SameDiff graph = SameDiff.create();
  private final Map<String, INDArray> given = new HashMap<>();

  private SDVariable placeholder(String name, float[] values, long... shape) {
    given.put(name, Nd4j.createFromArray(values).reshape('c', shape));
    return graph.placeHolder(name, DataType.FLOAT, shape);
  }

  /**
   * Labels that stay: a level of one anchor at four cells, one of two anchors at one cell.
   *
   * @param objectness (picture, 4), then (picture, 2): logits of the class; the background's are 0
   */
  private List<float[]> kept(float[][] objectness, float[][] labels, int ratio) {
    OpRegistry.register();
    int pictures = labels[0].length / 4;
    float[] fine = new float[8 * pictures];
    float[] coarse = new float[4 * pictures];
    for (int b = 0; b < pictures; b++) {
      System.arraycopy(objectness[0], 4 * b, fine, 8 * b, 4);
      for (int a = 0; a < 2; a++) {
        coarse[4 * b + 2 * a] = objectness[1][2 * b + a];
      }
    }
    List<SDVariable> found =
        HardNegatives.apply(
            graph,
            List.of(
                placeholder("fine", fine, pictures, 2, 2, 2),
                placeholder("coarse", coarse, pictures, 4, 1, 1)),
            List.of(
                placeholder("fine labels", labels[0], pictures, 1, 2, 2),
                placeholder("coarse labels", labels[1], pictures, 2, 1, 1)),
            ratio);
    Set<String> kept = new HashSet<>(found.stream().map(SDVariable::name).toList());
    try (StepProgram program = StepProgram.compile(new ProgramSpec(graph, given, Map.of(), kept))) {
      program.run();
      return found.stream()
          .map(each -> program.kept(each.name()).dup('c').reshape(-1).toFloatVector())
          .toList();
    }
  }

  @Test
  void theMostMistakenBackgroundStaysForEveryObject() {
    List<float[]> labels =
        kept(new float[][] {{5, 1, 3, -2}, {2, 4}}, new float[][] {{0, 1, 1, 1}, {1, 1}}, 2);
    assertThat(labels.get(0)).containsExactly(0, -1, 1, -1);
    assertThat(labels.get(1)).containsExactly(-1, 1);
  }

  @Test
  void picturesAreCountedOneByOneAndThoseWithoutObjectsTeachNothing() {
    List<float[]> labels =
        kept(
            new float[][] {{9, 9, 9, 9, 0, 0, 1, 2}, {9, 9, 0, 3}},
            new float[][] {{1, 1, 1, 1, 0, 1, 1, 1}, {1, 1, 0, 1}},
            1);
    assertThat(labels.get(0)).containsExactly(-1, -1, -1, -1, 0, -1, -1, 1);
    assertThat(labels.get(1)).containsExactly(-1, -1, 0, 1);
  }

  @Test
  void whatDoesNotCountStaysSoAndOfEqualOnesTheFirstIsTaken() {
    List<float[]> labels =
        kept(new float[][] {{7, 2, 2, 2}, {2, 2}}, new float[][] {{-1, 1, 1, 0}, {1, -1}}, 2);
    assertThat(labels.get(0)).containsExactly(-1, 1, 1, 0);
    assertThat(labels.get(1)).containsExactly(-1, -1);
  }
}
