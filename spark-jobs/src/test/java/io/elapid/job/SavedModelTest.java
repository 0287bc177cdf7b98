package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.ModelWeights.Variant;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SavedModelTest {
  private static final Configuration CONF = new Configuration();
  private static final Map<String, Double> MEASURED = Map.of("top1", 0.75);

  @TempDir java.nio.file.Path dir;

  @ParameterizedTest
  @EnumSource
  void resultsOfARunAreThoseOfTheWeightsThatItEvaluates(Variant evaluated) throws IOException {
    List<String> settings =
        List.of("ema.decay=0.9", "evaluation.weights=" + evaluated.name().toLowerCase(Locale.ROOT));
    Path run = new Path(dir.toUri());
    write(run, 7, settings);
    for (Variant variant : Variant.values()) {
      SavedModel model = SavedModel.open(CONF, run, variant, Optional.empty(), List.of());
      assertThat(model.meta().metrics()).isEqualTo(variant == evaluated ? MEASURED : Map.of());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileOfACheckpointIsTheVariantThatItIsCalled(Variant evaluated) throws IOException {
    List<String> settings =
        List.of("ema.decay=0.9", "evaluation.weights=" + evaluated.name().toLowerCase(Locale.ROOT));
    Path checkpoint = write(new Path(dir.toUri()), 7, settings);
    for (Variant variant : Variant.values()) {
      String name = variant.name().toLowerCase(Locale.ROOT) + ".safetensors";
      SavedModel model = open(new Path(checkpoint, name));
      assertThat(model.meta().metrics()).isEqualTo(variant == evaluated ? MEASURED : Map.of());
    }
  }

  /** A run may go on while its weights are read here, there and once more. */
  @Test
  void weightsOfARunAreThoseOfOneCheckpointWhateverComesAfter() throws IOException {
    Path run = new Path(dir.toUri());
    Path seventh = write(run, 7, List.of("ema.decay=0.9"));
    for (Path given : List.of(run, new Path(run, "checkpoints"), seventh)) {
      SavedModel model = SavedModel.open(CONF, given, Variant.EMA, Optional.empty(), List.of());
      assertThat(model.source()).isEqualTo(seventh.toString());
    }
    Path file = new Path(seventh, "ema.safetensors");
    SavedModel model = SavedModel.open(CONF, file, Variant.MODEL, Optional.empty(), List.of());
    assertThat(model.source()).isEqualTo(file.toString());
  }

  @Test
  void aCheckpointOfARunThatIsDeletedBeforeItIsReadGivesWayToTheNewestThen() throws Exception {
    Path run = new Path(dir.toUri());
    write(run, 7, List.of());
    AtomicLong step = new AtomicLong(7);

    long used = SavedModel.used(CONF, () -> open(run), model -> read(model, run, step, 3));

    assertThat(used).isEqualTo(10);
    assertThatThrownBy(
            () -> SavedModel.used(CONF, () -> open(run), model -> read(model, run, step, 1000)))
        .isInstanceOf(InputException.class);
    assertThat(step.get()).as("a bounded number of times").isLessThan(30);
  }

  @Test
  void aCheckpointThatIsNamedAndDeletedStaysAnError() throws Exception {
    Path run = new Path(dir.toUri());
    Path seventh = write(run, 7, List.of());
    AtomicLong step = new AtomicLong(7);

    assertThatThrownBy(
            () -> SavedModel.used(CONF, () -> open(seventh), model -> read(model, run, step, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("step-000000007");
    assertThat(step).hasValue(8);
  }

  private static SavedModel open(Path path) throws IOException {
    return SavedModel.open(CONF, path, Variant.MODEL, Optional.empty(), List.of());
  }

  /** Reads the step, which so many times comes after another checkpoint and the end of this one. */
  private static long read(SavedModel model, Path run, AtomicLong newest, long times)
      throws IOException {
    if (newest.get() < 7 + times) {
      Path next = write(run, newest.incrementAndGet(), List.of());
      next.getFileSystem(CONF).delete(new Path(model.source()), true);
    }
    return open(new Path(model.source())).meta().step();
  }

  private static Path write(Path run, long step, List<String> settings) throws IOException {
    String recipe = RecipeLoader.load("efficientvim_m1_imagenet", settings).render();
    CheckpointMeta meta =
        new CheckpointMeta(
            "efficientvim_m1", 4, 64, step, 1, List.of(), Map.of(), recipe, MEASURED);
    List<NamedTensor> weights = List.of(NamedTensor.floats("x", new long[] {1}, 1f));
    return new CheckpointStore(CONF, new Path(run, "checkpoints"))
        .write(meta, weights, weights, List.of(NamedTensor.scalar("step", step)));
  }
}
