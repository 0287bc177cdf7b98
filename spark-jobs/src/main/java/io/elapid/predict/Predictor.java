package io.elapid.predict;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.loader.PictureBatch;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Classifies pictures with a trained network whose batch norms are folded away.
 *
 * <p>Safe for use by several threads: pictures are decoded in the calling thread, the network runs
 * in one thread of the predictor's own, call after call. Holds native memory until {@link
 * #close()}.
 */
public final class Predictor implements AutoCloseable {
  private static final long LONGEST_WAIT_MINUTES = 30;
  private static final int MAX_THREADS = 64;

  private final CheckpointMeta meta;
  private final Settings settings;
  private final LoaderSettings loading;
  private final ExecutorService owner;
  private final Evaluator<Batch> evaluator;
  private final Queue<PictureBatch> idle = new ConcurrentLinkedQueue<>();

  /**
   * How a predictor works; none of it changes a probability.
   *
   * @param top candidates per picture
   * @param batch pictures that go through the network at once
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
   * @param recipe how pictures are brought to the network's input
   * @throws InputException if they are not those of a classifier
   */
  public Predictor(ModelWeights weights, Recipe recipe, Settings settings) {
    StoredRecipe.requireClassifier(recipe, weights.source(), "Predictor");
    this.meta = weights.meta().orElseThrow();
    this.settings = settings;
    this.loading = PictureLoading.evaluation(recipe, meta.classes());
    this.owner = Executors.newSingleThreadExecutor(Predictor::thread);
    boolean made = false;
    try {
      this.evaluator =
          computed(
              () ->
                  new Evaluator<>(
                      new Classifier(Pretrained.network(weights), meta.classes()),
                      Frame.square(settings.batch(), recipe.model().imageSize()),
                      Mode.DEPLOY,
                      weights.tensors(),
                      settings.threads()));
      made = true;
    } finally {
      if (!made) {
        owner.shutdownNow();
      }
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "elapid-predictor");
    thread.setDaemon(true);
    return thread;
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
   * Classifies one JPEG or PNG file.
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
   * Classifies one encoded picture, JPEG or PNG.
   *
   * @throws InputException if it is none
   */
  public Prediction predict(byte[] encoded) {
    return one(new EncodedPicture("the picture", encoded));
  }

  /** Classifies one decoded picture. */
  public Prediction predict(BufferedImage picture) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      BufferedImage rgb =
          new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
      rgb.createGraphics().drawImage(picture, 0, 0, null);
      ImageIO.write(rgb, "png", png);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return predict(png.toByteArray());
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
   * Classifies pictures; one that cannot be read gets the reason instead of candidates.
   *
   * @return as many, in the same order
   */
  public List<Prediction> predict(List<? extends Picture> pictures) {
    List<Prediction> all = new ArrayList<>();
    for (int from = 0; from < pictures.size(); from += settings.batch()) {
      int to = Math.min(pictures.size(), from + settings.batch());
      all.addAll(batch(pictures.subList(from, to)));
    }
    return all;
  }

  private List<Prediction> batch(List<? extends Picture> pictures) {
    PictureBatch pixels = idle.poll();
    if (pixels == null) {
      pixels = new PictureBatch(loading, settings.batch());
    }
    Prediction[] predictions = new Prediction[pictures.size()];
    List<Integer> readable = new ArrayList<>();
    for (int i = 0; i < predictions.length; i++) {
      Picture picture = pictures.get(i);
      try {
        pixels.add(picture.name(), picture.read());
        readable.add(i);
      } catch (UnreadableImageException | IOException e) {
        predictions[i] = new Prediction(picture.name(), List.of(), reason(e));
      }
    }
    if (!readable.isEmpty()) {
      Batch batch = pixels.take();
      List<Prediction> answers = computed(() -> answers(batch));
      for (int row = 0; row < answers.size(); row++) {
        predictions[readable.get(row)] = answers.get(row);
      }
    }
    idle.add(pixels);
    return Arrays.asList(predictions);
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private List<Prediction> answers(Batch batch) {
    FloatBuffer logits = evaluator.answers(batch).floats(Classifier.LOGITS);
    List<Prediction> answers = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      answers.add(
          Prediction.of(
              batch.ids().get(row),
              logits,
              row,
              meta.classes(),
              meta.classLabels(),
              settings.top()));
    }
    return answers;
  }

  /** Computes in the thread that owns the network. */
  private <T> T computed(Callable<T> work) {
    try {
      return owner.submit(work).get(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "no answer within %d minutes".formatted(LONGEST_WAIT_MINUTES), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the network computes", e);
    }
  }

  /** Waits for calls that are under way and gives the memory back. Any number of calls. */
  @Override
  public void close() {
    if (owner.isShutdown()) {
      return;
    }
    owner.execute(evaluator::close);
    owner.shutdown();
    try {
      if (!owner.awaitTermination(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the network still computes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
