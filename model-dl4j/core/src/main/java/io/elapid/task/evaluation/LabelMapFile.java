package io.elapid.task.evaluation;

import io.elapid.data.LocalFiles;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.shard.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Predictions in the form that the scene parsing benchmark takes: one grey 8-bit PNG for each
 * picture, of its size, class index + 1 in every pixel.
 */
public final class LabelMapFile {
  /** The most classes that fit into a byte beside the zero. */
  private static final int MAX_CLASSES = 255;

  private LabelMapFile() {}

  /**
   * Writes one picture's prediction; it appears under its name when it is complete.
   *
   * @param folder is made if it is not there
   * @param id of the sample, such as {@code val/ADE_val_00000001}; what follows the last slash is
   *     the file's name
   * @param predicted class index of each pixel
   * @return the file
   */
  public static Path write(Configuration conf, Path folder, String id, LabelMap predicted)
      throws IOException {
    Path file = new Path(folder, id.substring(id.lastIndexOf('/') + 1) + ".png");
    byte[] png = PngEncoder.encode(raised(predicted));
    AtomicFile.write(
        conf,
        file,
        temporary -> {
          try (OutputStream out = LocalFiles.create(conf, temporary)) {
            out.write(png);
          }
        });
    return file;
  }

  private static LabelMap raised(LabelMap predicted) {
    if (predicted.histogram()[MAX_CLASSES] > 0) {
      throw new IllegalArgumentException("a prediction of class " + MAX_CLASSES);
    }
    return predicted.withZero();
  }
}
