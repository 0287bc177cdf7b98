package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.optim.AdamW;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.FlatVector;
import io.elapid.optim.ParameterRange;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Three optimiser steps on one batch against the official networks under torch's AdamW. */
@Tag("backend")
class AdamWGoldenTest {
  private static final OptimizerKernel KERNEL = new ReferenceKernels().optimizer();

  static List<Golden> files() {
    return GoldenNetwork.files("adamw");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void stepsInDoubleEqualTheOfficialTraining(Golden golden) {
    JsonNode json = golden.json();
    double[] losses = Goldens.doubles(json.path("losses"));
    try (var backward =
        new GoldenNetwork.Backward(
            GoldenNetwork.backbone(golden), json, DataType.DOUBLE, Mode.TRAIN, golden.filler())) {
      int length = Math.toIntExact(backward.shard().layout().gradients());
      AdamW optimizer =
          new AdamW(
              settings(json),
              ranges(backward.parameters()),
              FlatVector.allocateDoubles(length),
              FlatVector.allocateDoubles(length));
      FlatVector weights = FlatVector.doubles(backward.weights().buffer(0, length));
      FlatVector gradients = FlatVector.doubles(backward.shard().vector().buffer(0, length));
      for (double loss : losses) {
        backward.shard().run();
        // the parameters whose gradient is zero but for rounding make every step a little random
        assertThat(backward.loss()).isCloseTo(loss, within(1e-6 * loss));
        if (loss != losses[losses.length - 1]) {
          optimizer.update(
              KERNEL, new AdamW.Step(weights, gradients, 1, json.path("lr").asDouble()));
        }
      }
      for (Map.Entry<String, JsonNode> entry : json.path("params_after").properties()) {
        Slot slot = backward.slot(entry.getKey());
        double[] actual = GoldenAssertions.elements(backward.weight(slot));
        GoldenAssertions.samples(entry.getKey(), actual, entry.getValue(), 2e-6);
      }
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void theTrainersStepsFollowTheOfficialTraining(Golden golden) {
    JsonNode json = golden.json();
    Frame input = GoldenNetwork.input(json);
    double[] losses = Goldens.doubles(json.path("losses"));
    TrainerSettings<Batch> settings =
        TrainerSettings.classifier(
            GoldenFamily.of(json).undropped(GoldenNetwork.name(json)),
            GoldenNetwork.CLASSES,
            input.height(),
            input.batch(),
            1,
            settings(json),
            0,
            0,
            1);
    try (Trainer<Batch> trainer = new Trainer<>(settings)) {
      fill(trainer, golden);
      Batch batch = Batches.of(golden, input, json.path("labels"));
      for (int i = 0; i + 1 < losses.length; i++) {
        StepStats stats = trainer.apply(trainer.computeShard(batch), 1, json.path("lr").asDouble());
        assertThat(stats.loss()).isCloseTo(losses[i], within(1e-2 * losses[i]));
      }
      Map<String, NamedTensor> model = byName(trainer.model());
      for (Map.Entry<String, JsonNode> entry : json.path("params_after").properties()) {
        FloatBuffer floats = model.get(entry.getKey()).floats();
        double[] actual = new double[floats.limit()];
        for (int i = 0; i < actual.length; i++) {
          actual[i] = floats.get(i);
        }
        // three steps of at most the learning rate each; where a gradient is near zero, rounding
        // decides the direction of some
        GoldenAssertions.samples(
            entry.getKey(), actual, entry.getValue(), 2 * json.path("lr").asDouble());
      }
    }
  }

  private static void fill(Trainer<Batch> trainer, Golden golden) {
    Map<String, NamedTensor> filled = new HashMap<>();
    for (NamedTensor tensor : trainer.model()) {
      NamedTensor given =
          golden
              .filler()
              .parameter(tensor.name(), tensor.shape())
              .map(values -> NamedTensor.floats(tensor.name(), tensor.shape(), values))
              .orElse(tensor);
      filled.put(tensor.name(), given);
    }
    trainer.load(filled);
  }

  private static Map<String, NamedTensor> byName(List<NamedTensor> tensors) {
    return tensors.stream().collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
  }

  private static AdamWSettings settings(JsonNode json) {
    return new AdamWSettings(
        json.path("betas").get(0).asDouble(),
        json.path("betas").get(1).asDouble(),
        json.path("eps").asDouble(),
        json.path("weight_decay").asDouble());
  }

  private static List<ParameterRange> ranges(List<Slot> slots) {
    List<ParameterRange> ranges = new ArrayList<>();
    for (Slot slot : slots) {
      int from = (int) slot.offset();
      int to = (int) (slot.offset() + slot.length());
      ranges.add(
          slot.decayed() ? ParameterRange.decayed(from, to) : ParameterRange.undecayed(from, to));
    }
    return ranges;
  }
}
