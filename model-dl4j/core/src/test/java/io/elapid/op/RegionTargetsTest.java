package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.box.RandomSampler;
import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import java.util.ArrayList;
import java.util.HashMap;
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

/** What the second stage of a detector is given to learn, for a picture of 64 x 64. */
@Tag("backend")
class RegionTargetsTest {
  private static final int SIDE = 64;
  private static final int CLASSES = 3;
  private static final int MASK = 4;
  private static final RandomSampler SAMPLER = new RandomSampler(64, 1);

  private final SameDiff graph = SameDiff.create();
  private final Map<String, INDArray> given = new HashMap<>();

  private SDVariable placeholder(String name, INDArray value) {
    given.put(name, value);
    return graph.placeHolder(name, DataType.FLOAT, value.shape());
  }

  private static INDArray zeros(long... shape) {
    return Nd4j.zeros(DataType.FLOAT, shape);
  }

  /** One object of the second class whose mask is the left half of its box. */
  private Map<String, INDArray> run() {
    OpRegistry.register();
    List<SDVariable> logits = new ArrayList<>();
    List<SDVariable> deltas = new ArrayList<>();
    for (int l = 0; l < 5; l++) {
      int side = SIDE >> (l + 2);
      logits.add(placeholder("logits" + l, zeros(1, 3, side, side)));
      deltas.add(placeholder("deltas" + l, zeros(1, 12, side, side)));
    }
    INDArray truths = zeros(1, 2, 5);
    double[] object = {1, 16, 16, 48, 48};
    for (int i = 0; i < object.length; i++) {
      truths.putScalar(0, 0, i, object[i]);
    }
    truths.putScalar(0, 1, 0, -1);
    INDArray bitmaps = zeros(1, 2, SIDE, SIDE / 16);
    for (int y = 16; y < 48; y++) {
      bitmaps.putScalar(new int[] {0, 0, y, 1}, 0xffff);
    }
    RegionTargets.Targets targets =
        RegionTargets.apply(
            graph,
            logits,
            deltas,
            new RegionTargets.Objects(
                placeholder("truths", truths),
                placeholder(
                    "pictures", Nd4j.createFromArray(new float[][] {{SIDE, SIDE, 1, 2, 3, 4}})),
                placeholder("bitmaps", bitmaps)),
            new RegionTargets.Settings(4, CLASSES, MASK, 1000, SAMPLER));
    Map<String, SDVariable> wanted =
        Map.of(
            "rois", targets.rois(),
            "labels", targets.labels(),
            "deltas", targets.deltas(),
            "positive", targets.positive(),
            "count", targets.count(),
            "maskLabels", targets.maskLabels(),
            "masks", targets.masks(),
            "pixels", targets.pixels());
    Map<String, INDArray> found = new HashMap<>();
    Set<String> kept = Set.copyOf(wanted.values().stream().map(SDVariable::name).toList());
    try (StepProgram program = StepProgram.compile(new ProgramSpec(graph, given, Map.of(), kept))) {
      program.run();
      wanted.forEach((name, variable) -> found.put(name, program.kept(variable.name()).dup('c')));
    }
    return found;
  }

  @Test
  void theObjectItselfIsTheFirstRegion() {
    Map<String, INDArray> found = run();
    assertThat(row(found.get("rois"), 0)).containsExactly(0, 16, 16, 48, 48);
    assertThat(row(found.get("deltas"), 0)).containsOnly(0);
    assertThat(found.get("labels").getFloat(0)).isEqualTo(1);
    assertThat(found.get("positive").getFloat(0)).isEqualTo(1);
    assertThat(found.get("count").getFloat(0)).isEqualTo(SAMPLER.count());
  }

  @Test
  void itsMaskIsWhatOfTheBitmapIsInTheRegion() {
    Map<String, INDArray> found = run();
    assertThat(row(found.get("masks"), 0))
        .containsExactly(1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0);
    assertThat(found.get("maskLabels").getFloat(0)).isEqualTo(1);
  }

  @Test
  void otherRegionsAreBackgroundOrOverlapTheObject() {
    Map<String, INDArray> found = run();
    float[] labels = found.get("labels").toFloatVector();
    float[] positive = found.get("positive").toFloatVector();
    int own = 0;
    for (int i = 0; i < labels.length; i++) {
      assertThat(labels[i]).isEqualTo(positive[i] == 1 ? 1 : CLASSES);
      own += (int) positive[i];
    }
    assertThat(own).isBetween(1, SAMPLER.mostPositives());
    assertThat(found.get("pixels").getFloat(0)).isEqualTo(own * MASK * MASK);
  }

  private static float[] row(INDArray array, int index) {
    return array.getRow(index).dup('c').toFloatVector();
  }
}
