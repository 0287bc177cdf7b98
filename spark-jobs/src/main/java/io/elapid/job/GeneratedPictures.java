package io.elapid.job;

import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Progress;
import io.elapid.data.source.SceneForm;
import io.elapid.data.source.SceneSpec;
import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Pictures that are painted, in the form of the published data set for what is to be learnt.
 *
 * @param kind CLASSIFICATION: one shape in each; otherwise several that hide parts of each other
 * @param size side in pixels
 * @param seed the same seed gives the same files
 */
public record GeneratedPictures(TargetKind kind, int classes, int size, long seed) {

  /** Writes so many of either split into a new folder. */
  public void generate(
      Configuration hadoop, Path folder, int train, int validation, Progress progress)
      throws IOException {
    switch (kind) {
      case CLASSIFICATION ->
          ShapesSource.generate(
              hadoop, folder, new ShapesSpec(train, validation, classes, size, seed), progress);
      case DETECTION -> scenes(hadoop, folder, train, validation, SceneForm.COCO, progress);
      case SEGMENTATION -> scenes(hadoop, folder, train, validation, SceneForm.ADE20K, progress);
    }
  }

  private void scenes(
      Configuration hadoop,
      Path folder,
      int train,
      int validation,
      SceneForm form,
      Progress progress)
      throws IOException {
    SceneSpec spec = new SceneSpec(train, validation, classes, size, seed);
    ShapesSource.generate(hadoop, folder, spec, form, progress);
  }

  /** Opens what {@link #generate} wrote. */
  public DataSource source(Configuration hadoop, Path folder) throws IOException {
    return switch (kind) {
      case CLASSIFICATION -> ImageNetSource.open(hadoop, folder);
      case DETECTION -> CocoSource.open(hadoop, folder);
      case SEGMENTATION -> Ade20kSource.open(hadoop, folder);
    };
  }

  /** Name of a folder for so many of them. */
  public String folder(int train, int validation) {
    return "%s-%d-%d".formatted(kind.name().toLowerCase(Locale.ROOT), train, validation);
  }
}
