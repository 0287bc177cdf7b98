package io.elapid.data.source;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Generates data sets that can be learnt in minutes but not by looking at single pixels: textured
 * shapes in clutter, in the forms in which others are published.
 */
public final class ShapesSource {
  private static final String TRAIN = "train";
  private static final String VAL = "val";

  private ShapesSource() {}

  /**
   * Writes pictures of one shape each that {@link ImageNetSource} reads: {@code
   * out/train/<class>/*.JPEG}, {@code out/val/<class>/*.JPEG} and {@code out/synset_words.txt}. The
   * folder appears when it is complete.
   *
   * @throws InputException if {@code out} exists and is not empty
   * @throws IOException when the storage fails; nothing is left behind
   */
  public static void generate(Configuration conf, Path out, ShapesSpec spec, Progress progress)
      throws IOException {
    generate(conf, out, spec, progress, processors());
  }

  static void generate(
      Configuration conf, Path out, ShapesSpec spec, Progress progress, int threads)
      throws IOException {
    GeneratedFolder.generate(conf, out, new ClassFolders(spec), progress, threads);
  }

  /**
   * Writes pictures of several shapes each, that {@link CocoSource} or {@link Ade20kSource} reads.
   * The same specification gives the same pictures in both forms. The folder appears when it is
   * complete.
   *
   * @throws InputException if {@code out} exists and is not empty
   * @throws IOException when the storage fails; nothing is left behind
   */
  public static void generate(
      Configuration conf, Path out, SceneSpec spec, SceneForm form, Progress progress)
      throws IOException {
    generate(conf, out, spec, form, progress, processors());
  }

  static void generate(
      Configuration conf, Path out, SceneSpec spec, SceneForm form, Progress progress, int threads)
      throws IOException {
    GeneratedFolder.Content content =
        switch (form) {
          case COCO -> new CocoScenes(spec);
          case ADE20K -> new Ade20kScenes(spec);
        };
    GeneratedFolder.generate(conf, out, content, progress, threads);
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** A folder for each class. */
  private record ClassFolders(ShapesSpec spec) implements GeneratedFolder.Content {
    @Override
    public int pictures() {
      return spec.trainImages() + spec.valImages();
    }

    @Override
    public void begin(GeneratedFolder folder) throws IOException {
      StringBuilder words = new StringBuilder();
      for (int label = 0; label < spec.classes(); label++) {
        String wnid = ShapesSpec.wnid(label);
        words.append(wnid).append(' ').append(ShapesSpec.CLASS_NAMES.get(label)).append('\n');
        folder.makeFolder(TRAIN + "/" + wnid);
        folder.makeFolder(VAL + "/" + wnid);
      }
      folder.write("synset_words.txt", words.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void paint(GeneratedFolder folder, JpegEncoder encoder, int picture) throws IOException {
      boolean train = picture < spec.trainImages();
      int index = train ? picture : picture - spec.trainImages();
      int label = index % spec.classes();
      long seed = SplitMix.derive(spec.seed(), train ? 0 : 1, index);
      byte[] rgb = ShapesPainter.paint(Figure.ALL.get(label), spec.size(), seed);
      SplitMix random = new SplitMix(SplitMix.derive(seed, 1));
      Image image = new Image(spec.size(), spec.size(), rgb);
      byte[] jpeg = encoder.encode(image, 0.6 + 0.35 * random.nextDouble());
      String wnid = ShapesSpec.wnid(label);
      String name = "%s_%s%d.JPEG".formatted(wnid, train ? "" : "val_", index);
      folder.write((train ? TRAIN : VAL) + "/" + wnid + "/" + name, jpeg);
    }

    @Override
    public void end(GeneratedFolder folder) {}
  }
}
