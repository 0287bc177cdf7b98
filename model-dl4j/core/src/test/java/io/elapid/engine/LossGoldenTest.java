package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.op.OpRegistry;
import io.elapid.op.SoftDistillation;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The loss of training and its gradients against values of the official code. */
@Tag("backend")
class LossGoldenTest {
  /** Where the file does not say. */
  private static final double SMOOTHING = 0.1;

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  private record Case(DownstreamGolden golden, JsonNode json) {
    long[] shape() {
      String scores = json.at("/inputs/logits").isMissingNode() ? "cls" : "logits";
      JsonNode shape = json.path("inputs").path(scores).path("shape");
      return new long[] {shape.get(0).asLong(), shape.get(1).asLong()};
    }

    int classes() {
      return (int) shape()[1];
    }

    double number(String parameter) {
      return json.path("params").path(parameter).asDouble();
    }

    INDArray scores(String input) {
      return array(golden.floats(json.path("inputs").path(input)), number("logit_scale"));
    }

    /** As a teacher's program leaves them. */
    FloatBuffer teacher(String input, double scale) {
      float[] values = golden.floats(json.path("inputs").path(input));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (scale * values[i]);
      }
      return FloatBuffer.wrap(values);
    }

    INDArray smoothed() {
      int[] labels = golden.ints(json.path("inputs").path("labels"));
      double smoothing = json.at("/params/smoothing").asDouble(SMOOTHING);
      double off = smoothing / classes();
      INDArray targets = Nd4j.create(DataType.DOUBLE, shape()).assign(off);
      for (int row = 0; row < labels.length; row++) {
        targets.putScalar(row, labels[row], 1 - smoothing + off);
      }
      return targets;
    }

    INDArray stored(String output) {
      return array(golden.floats(json.path("outputs").path(output)), 1);
    }

    INDArray array(float[] values, double scale) {
      return Nd4j.createFromArray(values).castTo(DataType.DOUBLE).reshape('c', shape()).mul(scale);
    }
  }

  static List<Named<Case>> cases() {
    List<Named<Case>> cases = new ArrayList<>();
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (String op : List.of("soft_target_ce", "distill_deit", "distill_mobilemamba", "mesa")) {
        for (JsonNode json : golden.cases(op)) {
          cases.add(Named.of(json.get("name").asText(), new Case(golden, json)));
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradientsAreTheOfficialOnes(Case golden) {
    switch (golden.json().get("op").asText()) {
      case "soft_target_ce" ->
          check(golden, new Teaching.None(), golden.stored("target"), null, "logits");
      case "distill_deit" -> deit(golden);
      case "distill_mobilemamba" -> mobileMamba(golden);
      default -> mesa(golden);
    }
  }

  private static void deit(Case golden) {
    double alpha = golden.number("alpha");
    FloatBuffer teacher = golden.teacher("teacher", golden.number("teacher_scale"));
    Teaching.Lesson lesson = new Teaching.Lesson.Hard();
    if (golden.json().get("name").asText().equals("deit_soft")) {
      lesson = new Teaching.Lesson.Soft(golden.number("tau"), SoftDistillation.Average.ELEMENTS);
    } else {
      FloatBuffer choice = FloatBuffer.allocate(teacher.limit());
      Lessons.firstChoice(teacher, golden.classes(), choice);
      teacher = choice;
    }
    Teaching teaching =
        new Teaching.Distillation(Teaching.Pupil.DISTILLATION_HEAD, lesson, 1 - alpha, alpha);
    check(golden, teaching, golden.smoothed(), teacher, "cls", "dist");
  }

  private static void mobileMamba(Case golden) {
    Teaching teaching =
        new Teaching.Distillation(
            Teaching.Pupil.EVERY_HEAD,
            new Teaching.Lesson.Soft(golden.number("tau"), SoftDistillation.Average.SAMPLES),
            1,
            golden.number("lam"));
    FloatBuffer teacher = golden.teacher("teacher", golden.number("teacher_scale"));
    check(golden, teaching, golden.smoothed(), teacher, "cls");
  }

  private static void mesa(Case golden) {
    FloatBuffer average = golden.teacher("ema_logits", golden.number("logit_scale"));
    FloatBuffer lesson = FloatBuffer.allocate(average.limit());
    Lessons.softmax(average, golden.classes(), lesson);
    check(golden, new Teaching.ByAverage(), golden.smoothed(), lesson, "cls");
  }

  private static void check(
      Case golden, Teaching teaching, INDArray targets, FloatBuffer lesson, String... heads) {
    SameDiff graph = SameDiff.create();
    Map<String, INDArray> inputs = new HashMap<>();
    List<SDVariable> scores = new ArrayList<>();
    for (String head : heads) {
      scores.add(graph.placeHolder(head, DataType.DOUBLE, golden.shape()));
      inputs.put(head, golden.scores(head));
    }
    inputs.put(TrainingLoss.TARGETS, targets);
    if (lesson != null) {
      inputs.put(TrainingLoss.LESSON, golden.array(lesson.array(), 1));
    }
    if (teaching instanceof Teaching.ByAverage) {
      inputs.put(TrainingLoss.LESSON_WEIGHT, Nd4j.scalar(golden.number("ratio")));
    }
    SDVariable loss =
        TrainingLoss.add(
            graph,
            scores,
            golden.shape(),
            (name, shape) -> graph.placeHolder(name, DataType.DOUBLE, shape),
            teaching);
    Gradients gradients = Gradients.of(graph, loss, List.of(heads));
    Map<String, INDArray> results = new HashMap<>();
    results.put(loss.name(), Nd4j.scalar(0.0));
    for (String head : heads) {
      results.put(gradients.names().get(head), Nd4j.create(DataType.DOUBLE, golden.shape()));
    }
    ProgramSpec spec = new ProgramSpec(gradients.graph(), inputs, results, Set.of());
    try (StepProgram program = StepProgram.compile(spec)) {
      program.run();
    }
    double tolerance = golden.json().get("tol").asDouble();
    double expected = golden.golden().floats(golden.json().at("/outputs/loss"))[0];
    assertThat(results.get(loss.name()).getDouble(0)).isCloseTo(expected, within(tolerance));
    for (String head : heads) {
      String output = head.equals("logits") ? "grad" : "grad_" + head;
      double[] actual = GoldenAssertions.elements(results.get(gradients.names().get(head)));
      double[] official = GoldenAssertions.elements(golden.stored(output));
      assertThat(actual).as(output).containsExactly(official, within(tolerance));
    }
  }
}
