package io.elapid.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.model.Models;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
  private static final String MODEL = "efficientvim_nano";
  private static ModelWeights weights;
  private static Recipe recipe;
  private static List<EncodedPicture> pictures;

  @BeforeAll
  static void make() {
    ParameterTable table = Models.byName(MODEL).tensors(Mode.TRAIN, 10);
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    for (Slot slot : table.slots()) {
      double[] values = table.initialWeights(3).values(slot.name(), slot.shape());
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i] * (slot.name().startsWith("heads.") ? 40 : 1);
      }
      tensors.put(slot.name(), NamedTensor.floats(slot.name(), slot.shape(), floats));
    }
    CheckpointMeta meta =
        new CheckpointMeta(MODEL, 10, 64, 0, 0, List.of(), Map.of(), "", Map.of());
    weights = new ModelWeights("test", Optional.of(meta), tensors);
    recipe = StoredRecipe.of(meta, "test", List.of());
    pictures =
        IntStream.range(0, 12).mapToObj(i -> new EncodedPicture("p" + i, png(painted(i)))).toList();
  }

  private static BufferedImage painted(int seed) {
    BufferedImage image = new BufferedImage(50 + seed, 60, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(
            x, y, (x * (seed + 3) & 0xFF) << 16 | (y * 4 & 0xFF) << 8 | (seed * 20 & 0xFF));
      }
    }
    return image;
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static Predictor predictor(int batch, int threads) {
    return new Predictor(weights, recipe, new Predictor.Settings(3, batch, threads));
  }

  @Test
  void answersDependOnThePictureAlone() {
    List<Prediction> alone;
    try (Predictor predictor = predictor(1, 1)) {
      alone = predictor.predict(pictures);
    }
    assertThat(alone.stream().map(p -> p.candidates().get(0).probability()).distinct())
        .hasSizeGreaterThan(6);
    for (int batch : new int[] {5, 32}) {
      try (Predictor predictor = predictor(batch, 2)) {
        assertThat(predictor.predict(pictures)).isEqualTo(alone);
      }
    }
  }

  @Test
  void severalThreadsMayAsk() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try (Predictor predictor = predictor(4, 1)) {
      List<Prediction> expected = predictor.predict(pictures);
      List<Future<List<Prediction>>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(callers.submit(() -> predictor.predict(pictures)));
      }
      for (Future<List<Prediction>> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void pixelsAndFilesAreTheSame(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("p.png"), pictures.get(0).bytes());
    try (Predictor predictor = predictor(1, 1)) {
      List<Prediction.Candidate> expected = predictor.predict(pictures.get(0).bytes()).candidates();
      assertThat(predictor.predict(file).candidates()).isEqualTo(expected);
      assertThat(predictor.predict(painted(0)).candidates()).isEqualTo(expected);
      BufferedImage glass = transparent(painted(0));
      assertThat(predictor.predict(png(glass)).candidates()).isEqualTo(expected);
      assertThat(predictor.predict(glass).candidates()).isEqualTo(expected);
    }
  }

  /** The same colours, more and more transparent from left to right. */
  private static BufferedImage transparent(BufferedImage image) {
    BufferedImage glass =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        glass.setRGB(x, y, ((255 - 4 * x) << 24) | (image.getRGB(x, y) & 0xFFFFFF));
      }
    }
    return glass;
  }

  @Test
  void whatCannotBeReadKeepsItsPlaceAndSpoilsNothing() {
    try (Predictor predictor = predictor(4, 1)) {
      List<Prediction> good = predictor.predict(pictures.subList(0, 3));
      List<Prediction> mixed =
          predictor.predict(
              List.of(
                  pictures.get(0),
                  new EncodedPicture("broken", new byte[] {1, 2, 3}),
                  pictures.get(1),
                  pictures.get(2)));
      assertThat(mixed.get(1).problem()).isNotBlank();
      assertThat(mixed.get(1).candidates()).isEmpty();
      assertThat(List.of(mixed.get(0), mixed.get(2), mixed.get(3))).isEqualTo(good);
      assertThatThrownBy(() -> predictor.predict(new byte[0]))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("unreadable");
    }
  }

  @Test
  void weightsAreCheckedAgainstTheNetworkOfTheRecipe() {
    Recipe detector = RecipeLoader.load("retinanet_efficientvim_m1_coco", List.of());
    assertThatThrownBy(() -> new Predictor(weights, detector, new Predictor.Settings(3, 1, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("retinanet_efficientvim_m1");
  }

  @Test
  void closingTwiceIsNoMistake() {
    Predictor predictor = predictor(1, 1);
    predictor.close();
    predictor.close();
  }
}
