package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.WeightFile;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.it.NanoModel;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known of starting weights before a rank has started. */
class StartingWeightsTest {
  private static final Configuration CONF = new Configuration();
  private static final int CLASSES = 4;

  @TempDir java.nio.file.Path dir;
  private String weights;

  @BeforeEach
  void write() throws IOException {
    weights = new Path(dir.resolve("nano.safetensors").toUri()).toString();
    NanoModel.write(weights, CLASSES);
  }

  private Recipe recipe(String heads, String classifier) {
    return RecipeLoader.load(
        "quickstart",
        List.of(
            "model.name=" + NanoModel.NAME,
            "model.weights=" + weights,
            "model.heads=" + heads,
            "model.classifier=" + classifier));
  }

  @Test
  void headsThatAreKeptAreThoseOfTheRecipe() throws IOException {
    StartingWeights.check(CONF, recipe("usual", "keep"), CLASSES);
    assertThatThrownBy(() -> StartingWeights.check(CONF, recipe("distilled", "keep"), CLASSES))
        .isInstanceOfSatisfying(
            InputException.class,
            e -> assertThat(e.remedy()).contains("model.heads", "model.classifier=fresh"))
        .hasMessageEndingWith(
            "nano.safetensors lacks heads that learn from a teacher, and model.heads asks for a"
                + " network with them");
  }

  @Test
  void headsThatStartAnewMayBeOthers() throws IOException {
    StartingWeights.check(CONF, recipe("distilled", "fresh"), CLASSES + 1);
  }

  @Test
  void classesThatAreKeptAreThoseOfTheDataSet() {
    assertThatThrownBy(() -> StartingWeights.check(CONF, recipe("usual", "keep"), CLASSES + 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tells 4 classes apart, the data set has 5");
  }

  private String write(UntrainedNetwork network) throws IOException {
    Path file = new Path(dir.resolve(network + ".safetensors").toUri());
    WeightFile.create(CONF, file).write(network.weights());
    return file.toString();
  }

  private static Recipe from(String start, UntrainedNetwork network) {
    return RecipeLoader.parse(
        "started.conf", network.recipe().render(), List.of("model.weights=" + start));
  }

  @Test
  void networksWithinPicturesGoOnFromTheirLike() throws IOException {
    String detector = write(UntrainedNetwork.RETINA_NET);
    StartingWeights.check(
        CONF, from(detector, UntrainedNetwork.RETINA_NET), UntrainedNetwork.CLASSES);
    StartingWeights.check(CONF, from(weights, UntrainedNetwork.SEMANTIC_FPN), CLASSES + 1);
    assertThatThrownBy(
            () ->
                StartingWeights.check(
                    CONF,
                    from(detector, UntrainedNetwork.RETINA_NET),
                    UntrainedNetwork.CLASSES + 1))
        .isInstanceOfSatisfying(
            InputException.class,
            e -> assertThat(e.remedy()).contains("the same task, head, neck and classes"))
        .hasMessageContaining("RETINA_NET.safetensors does not fit retinanet_efficientvim_nano")
        .hasMessageContaining(
            "bbox_head.retina_cls.weight [27, 16, 3, 3] instead of [36, 16, 3, 3]");
    assertThatThrownBy(
            () ->
                StartingWeights.check(
                    CONF, from(detector, UntrainedNetwork.MASK_RCNN), UntrainedNetwork.CLASSES))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("model.weights: ")
        .hasMessageContaining("RETINA_NET.safetensors does not fit maskrcnn_efficientvim_nano");
  }

  @Test
  void classifiersNeitherStartFromNetworksWithinPicturesNorLearnFromThem() throws IOException {
    String segmenter = write(UntrainedNetwork.SEMANTIC_FPN);
    for (String classifier : List.of("keep", "fresh")) {
      weights = segmenter;
      assertThatThrownBy(
              () ->
                  StartingWeights.check(
                      CONF, recipe("usual", classifier), UntrainedNetwork.CLASSES))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("model.weights: ")
          .hasMessageEndingWith("finds something within pictures, and a classifier is needed");
    }
    Recipe taught =
        RecipeLoader.load(
            "quickstart",
            List.of(
                "distillation.type=soft",
                "distillation.pupil=every-head",
                "distillation.teacher=" + segmenter));
    assertThatThrownBy(() -> TeacherWeights.check(CONF, taught, UntrainedNetwork.CLASSES))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("distillation.teacher: ")
        .hasMessageEndingWith("finds something within pictures, and a classifier is needed");
  }
}
