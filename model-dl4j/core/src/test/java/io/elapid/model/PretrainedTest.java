package io.elapid.model;

import static io.elapid.checkpoint.ModelWeights.Variant.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.WeightFile;
import io.elapid.data.InputException;
import io.elapid.graph.Mode;
import io.elapid.graph.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that another program wrote become weights of a network once it is named. */
@Tag("backend")
final class PretrainedTest {
  private static final Configuration CONF = new Configuration();
  private static final String NANO = "efficientvim_nano";
  private static final Optional<String> NAMED = Optional.of(NANO);

  @TempDir java.nio.file.Path dir;

  @Test
  void foreignWeightsOfAThousandClassesGetImageNetsNames() throws IOException {
    ModelWeights weights = Pretrained.load(CONF, write(tensors(1000)), MODEL, NAMED);
    var meta = weights.meta().orElseThrow();
    assertThat(meta.model()).isEqualTo(NANO);
    assertThat(meta.classes()).isEqualTo(1000);
    assertThat(meta.imageSize()).isEqualTo(64);
    assertThat(meta.classLabels().get(1).name()).isEqualTo("goldfish");
  }

  @Test
  void theNumberOfClassesIsTheClassifiers() throws IOException {
    ModelWeights weights = Pretrained.load(CONF, write(tensors(7)), MODEL, NAMED);
    assertThat(weights.meta().orElseThrow().classes()).isEqualTo(7);
    assertThat(weights.meta().orElseThrow().classLabels()).isEmpty();
  }

  @Test
  void theClassifierIsWhatDependsOnTheNumberOfClasses() {
    assertThat(new Classifier(Models.byName(NANO)).names())
        .containsExactlyInAnyOrder(
            "heads.0.weight",
            "heads.0.bias",
            "heads.1.weight",
            "heads.1.bias",
            "heads.2.weight",
            "heads.2.bias",
            "heads.3.weight",
            "heads.3.bias");
  }

  @Test
  void everythingThatDoesNotFitIsListedAtOnce() throws IOException {
    Map<String, NamedTensor> tensors = tensors(10);
    tensors.remove("weights");
    tensors.put("extra", NamedTensor.floats("extra", new long[] {1}, 0f));
    tensors.put("heads.1.bias", NamedTensor.floats("heads.1.bias", new long[] {2}, 0f, 0f));
    tensors.put("a.total_ops", NamedTensor.scalar("a.total_ops", 1));
    Path path = write(tensors);
    assertThatThrownBy(() -> Pretrained.load(CONF, path, MODEL, NAMED))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "does not fit efficientvim_nano: 1 missing: weights; 1 unexpected: extra;"
                + " 1 of another shape: heads.1.bias [2] instead of [10]");
  }

  @Test
  void weightsThatDoNotSayWhatTheyAreMustBeNamed() throws IOException {
    Path path = write(tensors(10));
    assertThatThrownBy(() -> Pretrained.load(CONF, path, MODEL, Optional.empty()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("does not say which network")
        .extracting(e -> ((InputException) e).remedy())
        .asString()
        .contains("--model", NANO);
  }

  @Test
  void aConvertedFileNeedsNoNameAndToleratesNoOther() throws IOException {
    ModelWeights named = Pretrained.load(CONF, write(tensors(1000)), MODEL, NAMED);
    Path converted = new Path(dir.resolve("converted.safetensors").toUri());
    WeightFile.create(CONF, converted).write(named);
    ModelWeights again = Pretrained.load(CONF, converted, MODEL, Optional.empty());
    assertThat(again.meta()).isEqualTo(named.meta());
    assertThat(again.tensors().keySet()).hasSameElementsAs(named.tensors().keySet());
    assertThat(again.tensors().get("weights").data())
        .isEqualTo(named.tensors().get("weights").data());
    assertThatThrownBy(
            () -> Pretrained.load(CONF, converted, MODEL, Optional.of("efficientvim_m1")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("holds efficientvim_nano, not efficientvim_m1");
    assertThatThrownBy(() -> WeightFile.create(CONF, converted))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is there already");
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("converted.safetensors", "foreign-1000.safetensors");
    }
  }

  @Test
  void headsForDistillationAreTakenWhereTheWeightsHaveThem() throws IOException {
    Map<String, NamedTensor> distilled = tensors(distilled(), 1000);
    assertThat(distilled).containsKeys("heads_dist.0.weight", "weights_dist");
    ModelWeights weights = Pretrained.load(CONF, write(distilled), MODEL, NAMED);
    assertThat(weights.meta().orElseThrow().model()).isEqualTo(NANO);
    assertThat(Pretrained.network(weights).heads())
        .isEqualTo(Heads.CLASSIFICATION_AND_DISTILLATION);
    Map<String, NamedTensor> fresh = tensors(5);
    Map<String, NamedTensor> start =
        Pretrained.withoutClassifier(Models.byName(NANO), weights, new ArrayList<>(fresh.values()));
    assertThat(start.keySet()).hasSameElementsAs(fresh.keySet());
    assertThat(start.get("weights")).isSameAs(weights.tensors().get("weights"));
  }

  @Test
  void headsForDistillationStartAnewWhereTheWeightsHaveNone() throws IOException {
    ModelWeights weights = Pretrained.load(CONF, write(tensors(1000)), MODEL, NAMED);
    Map<String, NamedTensor> fresh = tensors(distilled(), 5);
    Map<String, NamedTensor> start =
        Pretrained.withoutClassifier(distilled(), weights, new ArrayList<>(fresh.values()));
    assertThat(start.keySet()).hasSameElementsAs(fresh.keySet());
    assertThat(start.get("weights_dist")).isSameAs(fresh.get("weights_dist"));
    assertThat(start.get("weights")).isSameAs(weights.tensors().get("weights"));
  }

  private static Backbone distilled() {
    return Models.byName(NANO).withHeads(Heads.CLASSIFICATION_AND_DISTILLATION);
  }

  @Test
  void aFreshClassifierReplacesOneOfAnotherSize() throws IOException {
    ModelWeights weights = Pretrained.load(CONF, write(tensors(1000)), MODEL, NAMED);
    Map<String, NamedTensor> fresh = tensors(5);
    Map<String, NamedTensor> start =
        Pretrained.withoutClassifier(Models.byName(NANO), weights, new ArrayList<>(fresh.values()));
    assertThat(start.keySet()).hasSameElementsAs(fresh.keySet());
    assertThat(start.get("heads.0.bias")).isSameAs(fresh.get("heads.0.bias"));
    assertThat(start.get("weights")).isSameAs(weights.tensors().get("weights"));
  }

  private Path write(Map<String, NamedTensor> tensors) throws IOException {
    long classes = tensors.get("heads.0.bias").shape()[0];
    Path path = new Path(dir.resolve("foreign-%d.safetensors".formatted(classes)).toUri());
    WeightFile.create(CONF, path).write(new ModelWeights("test", Optional.empty(), tensors));
    return path;
  }

  private static Map<String, NamedTensor> tensors(int classes) {
    return tensors(Models.byName(NANO), classes);
  }

  private static Map<String, NamedTensor> tensors(Backbone network, int classes) {
    var table = network.tensors(Mode.TRAIN, classes);
    var initial = table.initialWeights(1);
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    List<Slot> slots = table.slots();
    for (Slot slot : slots) {
      double[] values = initial.values(slot.name(), slot.shape());
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      tensors.put(slot.name(), NamedTensor.floats(slot.name(), slot.shape(), floats));
    }
    return tensors;
  }
}
