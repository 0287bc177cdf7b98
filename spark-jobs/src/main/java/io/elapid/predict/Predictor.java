package io.elapid.predict;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import io.elapid.model.Pretrained;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Asks a trained network about pictures: which class one shows, what objects are in it and where,
 * or what each of its pixels belongs to, see {@link Answer}. Batch norms are folded away.
 *
 * <p>An answer depends on the picture alone. Safe for use by several threads: pictures are decoded
 * in the calling thread, the network runs in one thread of the predictor's own, call after call.
 * Holds native memory until {@link #close()}.
 */
public final class Predictor implements AutoCloseable {
  private static final int MAX_THREADS = 64;

  private final CheckpointMeta meta;
  private final NetworkThread thread = new NetworkThread();
  private final PictureNetwork network;

  /**
   * How a predictor works; none of it changes a probability.
   *
   * @param top candidates for the class of a picture, at most; of what is found within pictures
   *     there is as much as the recipe says
   * @param batch pictures that are classified at once; those that something is looked for in come
   *     one by one, as they keep sizes of their own
   * @param threads that the network computes on
   */
  public record Settings(int top, int batch, int threads) {
    /** Checks the ranges. */
    public Settings {
      if (top < 1 || batch < 1 || threads < 1) {
        throw new IllegalArgumentException(
            "%d candidates, %d pictures a batch, %d threads".formatted(top, batch, threads));
      }
    }

    /** Five candidates, one picture at a time, all cores. */
    public static Settings usual() {
      int cores = Runtime.getRuntime().availableProcessors();
      return new Settings(5, 1, Math.min(MAX_THREADS, cores));
    }
  }

  /**
   * Loads a network for single pictures.
   *
   * @param path an exported model, a run, a checkpoint or a {@code .safetensors} file that elapid
   *     wrote; any Hadoop path
   * @throws InputException if there is none, or it is damaged
   */
  public static Predictor load(String path) throws IOException {
    return load(new Configuration(), new Path(path), Settings.usual());
  }

  /** As {@link #load(String)}, from a file system that needs settings. */
  public static Predictor load(Configuration hadoop, Path path, Settings settings)
      throws IOException {
    ModelWeights weights =
        Pretrained.load(hadoop, path, ModelWeights.Variant.MODEL, Optional.empty());
    Recipe recipe = StoredRecipe.of(weights.meta().orElseThrow(), weights.source(), List.of());
    return new Predictor(weights, recipe, settings);
  }

  /**
   * A predictor with weights that say what they are.
   *
   * @param recipe what the network does, and how pictures are brought to it
   * @throws InputException if they are another network's
   */
  public Predictor(ModelWeights weights, Recipe recipe, Settings settings) {
    this.meta = weights.meta().orElseThrow();
    boolean made = false;
    try {
      this.network = thread.computed(() -> network(weights, recipe, settings));
      made = true;
    } finally {
      if (!made) {
        thread.abandon();
      }
    }
  }

  private static PictureNetwork network(ModelWeights weights, Recipe recipe, Settings settings) {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> new WholePictures(weights, recipe, settings);
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          WithinPictures.of(weights, recipe, settings);
    };
  }

  /** The network, its classes and where it comes from. */
  public CheckpointMeta model() {
    return meta;
  }

  /** Names of the classes in the order of their indices; empty if the weights carry none. */
  public List<String> labels() {
    return meta.classLabels().stream().map(ClassLabel::name).toList();
  }

  /**
   * Asks about one JPEG or PNG file.
   *
   * @throws InputException if it cannot be read
   */
  public Prediction predict(java.nio.file.Path file) {
    return one(
        new Picture() {
          @Override
          public String name() {
            return file.toString();
          }

          @Override
          public byte[] read() throws IOException {
            return Files.readAllBytes(file);
          }
        });
  }

  /**
   * Asks about one encoded picture, JPEG or PNG.
   *
   * @throws InputException if it is none
   */
  public Prediction predict(byte[] encoded) {
    return one(new EncodedPicture("the picture", encoded));
  }

  /** Asks about one decoded picture, of which what is transparent counts as if it were not. */
  public Prediction predict(BufferedImage picture) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture.getColorModel().hasAlpha() ? picture : drawn(picture), "png", png);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return predict(png.toByteArray());
  }

  /** In colours that PNG knows; what is transparent would be mixed with black. */
  private static BufferedImage drawn(BufferedImage opaque) {
    BufferedImage rgb =
        new BufferedImage(opaque.getWidth(), opaque.getHeight(), BufferedImage.TYPE_INT_RGB);
    rgb.createGraphics().drawImage(opaque, 0, 0, null);
    return rgb;
  }

  private Prediction one(Picture picture) {
    Prediction prediction = predict(List.of(picture)).get(0);
    if (prediction.problem() != null) {
      throw new InputException(
          prediction.path() + ": unreadable: " + prediction.problem(),
          "name a JPEG or PNG picture");
    }
    return prediction;
  }

  /**
   * Asks about pictures; one that cannot be read gets the reason instead of an answer.
   *
   * @return as many, in the same order
   */
  public List<Prediction> predict(List<? extends Picture> pictures) {
    Prediction[] all = new Prediction[pictures.size()];
    predict(pictures, (index, prediction) -> all[index] = prediction);
    return Arrays.asList(all);
  }

  /**
   * As {@link #predict(List)} for many pictures: each prediction is handed over when it is there,
   * so that they need not be in memory together.
   */
  public void predict(List<? extends Picture> pictures, Predicted each) {
    network.answer(
        pictures,
        thread,
        (index, answer) -> each.take(index, new Prediction(pictures.get(index).name(), answer)));
  }

  /**
   * Takes predictions, in the thread that asked for them and in the order that suits the network.
   */
  @FunctionalInterface
  public interface Predicted {
    /** The prediction for the picture of that index. */
    void take(int index, Prediction prediction);
  }

  /** Waits for calls that are under way and gives the memory back. Any number of calls. */
  @Override
  public void close() {
    thread.end(network::close);
  }
}
