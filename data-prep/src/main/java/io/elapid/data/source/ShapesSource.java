package io.elapid.data.source;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Generates a data set that can be learnt in minutes but not by looking at single pixels: textured
 * shapes in clutter, as a folder of JPEGs that {@link ImageNetSource} reads.
 */
public final class ShapesSource {
  private static final String TRAIN = "train";
  private static final String VAL = "val";

  private final FileSystem fs;
  private final Path root;
  private final ShapesSpec spec;
  private final Progress progress;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();

  private ShapesSource(FileSystem fs, Path root, ShapesSpec spec, Progress progress) {
    this.fs = fs;
    this.root = root;
    this.spec = spec;
    this.progress = progress;
  }

  /**
   * Writes {@code out/train/<class>/*.JPEG}, {@code out/val/<class>/*.JPEG} and {@code
   * out/synset_words.txt}. The folder appears when it is complete.
   *
   * @throws InputException if {@code out} exists and is not empty
   * @throws IOException when the storage fails; nothing is left behind
   */
  public static void generate(Configuration conf, Path out, ShapesSpec spec, Progress progress)
      throws IOException {
    generate(conf, out, spec, progress, Runtime.getRuntime().availableProcessors());
  }

  static void generate(
      Configuration conf, Path out, ShapesSpec spec, Progress progress, int threads)
      throws IOException {
    FileSystem fs = plain(out.getFileSystem(conf));
    Path target = fs.makeQualified(out);
    requireRoom(fs, target);
    Path temporary =
        new Path(target.getParent(), "_" + target.getName() + "." + UUID.randomUUID() + ".tmp");
    boolean complete = false;
    try {
      new ShapesSource(fs, temporary, spec, progress).write(threads);
      fs.delete(target, true);
      complete = fs.rename(temporary, target);
    } finally {
      if (!complete) {
        fs.delete(temporary, true);
      }
    }
    if (!complete) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
  }

  /** Thousands of small files need no checksum file each beside them. */
  private static FileSystem plain(FileSystem fs) {
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }

  private static void requireRoom(FileSystem fs, Path target) throws IOException {
    if (target.getParent() == null || (fs.exists(target) && fs.listStatus(target).length > 0)) {
      throw new InputException(
          target + " exists and is not empty", "give a new folder, or delete this one");
    }
  }

  private void write(int threads) throws IOException {
    StringBuilder words = new StringBuilder();
    for (int label = 0; label < spec.classes(); label++) {
      String wnid = ShapesSpec.wnid(label);
      words.append(wnid).append(' ').append(ShapesSpec.CLASS_NAMES.get(label)).append('\n');
      fs.mkdirs(new Path(root, TRAIN + "/" + wnid));
      fs.mkdirs(new Path(root, VAL + "/" + wnid));
    }
    writeFile(
        new Path(root, "synset_words.txt"), words.toString().getBytes(StandardCharsets.UTF_8));
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            workers.submit(
                () -> {
                  paintPictures();
                  return null;
                }));
      }
      for (Future<?> worker : running) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while generating pictures", e);
    } finally {
      workers.shutdownNow();
    }
  }

  /** Takes pictures until there are none left; any number of threads gives the same files. */
  private void paintPictures() throws IOException {
    int total = spec.trainImages() + spec.valImages();
    try (JpegEncoder encoder = new JpegEncoder()) {
      for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
        if (Thread.interrupted()) {
          throw new IOException("interrupted while generating pictures");
        }
        boolean train = i < spec.trainImages();
        paint(encoder, train ? TRAIN : VAL, train ? i : i - spec.trainImages());
        progress.update(done.incrementAndGet(), total);
      }
    }
  }

  private void paint(JpegEncoder encoder, String split, int index) throws IOException {
    int label = index % spec.classes();
    long seed = SplitMix.derive(spec.seed(), split.equals(TRAIN) ? 0 : 1, index);
    byte[] rgb = ShapesPainter.paint(Figure.ALL.get(label), spec.size(), seed);
    SplitMix random = new SplitMix(SplitMix.derive(seed, 1));
    Image image = new Image(spec.size(), spec.size(), rgb);
    byte[] jpeg = encoder.encode(image, 0.6 + 0.35 * random.nextDouble());
    String wnid = ShapesSpec.wnid(label);
    String name = "%s_%s%d.JPEG".formatted(wnid, split.equals(TRAIN) ? "" : "val_", index);
    writeFile(new Path(root, split + "/" + wnid + "/" + name), jpeg);
  }

  private void writeFile(Path file, byte[] bytes) throws IOException {
    try (OutputStream out = fs.create(file, false)) {
      out.write(bytes);
    }
  }
}
