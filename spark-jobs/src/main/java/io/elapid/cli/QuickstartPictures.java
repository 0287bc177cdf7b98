package io.elapid.cli;

import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.SceneForm;
import io.elapid.data.source.SceneSpec;
import io.elapid.data.source.ShapesSpec;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Pictures that a quickstart generates. */
enum QuickstartPictures {
  /** One of ten shapes in each, larger than the crops that are trained on. */
  SHAPES {
    @Override
    void generate(Configuration hadoop, Path folder, int train, int validation) throws IOException {
      ShapesSpec spec = new ShapesSpec(train, validation, 10, 80, SEED);
      Shapes.generate(hadoop, folder, spec, System.out);
    }

    @Override
    DataSource source(Configuration hadoop, Path folder) throws IOException {
      return ImageNetSource.open(hadoop, folder);
    }
  },
  /** Several shapes of four classes, with boxes and masks. */
  OBJECTS {
    @Override
    void generate(Configuration hadoop, Path folder, int train, int validation) throws IOException {
      SceneSpec spec = new SceneSpec(train, validation, SCENE_CLASSES, 128, SEED);
      Shapes.generate(hadoop, folder, spec, SceneForm.COCO, System.out);
    }

    @Override
    DataSource source(Configuration hadoop, Path folder) throws IOException {
      return CocoSource.open(hadoop, folder);
    }
  },
  /** The same with a class for every pixel. */
  PIXELS {
    @Override
    void generate(Configuration hadoop, Path folder, int train, int validation) throws IOException {
      SceneSpec spec = new SceneSpec(train, validation, SCENE_CLASSES, 96, SEED);
      Shapes.generate(hadoop, folder, spec, SceneForm.ADE20K, System.out);
    }

    @Override
    DataSource source(Configuration hadoop, Path folder) throws IOException {
      return Ade20kSource.open(hadoop, folder);
    }
  };

  private static final int SCENE_CLASSES = 4;
  private static final int SEED = 1;

  /** Writes them into a new folder. */
  abstract void generate(Configuration hadoop, Path folder, int train, int validation)
      throws IOException;

  /** Opens what {@link #generate} wrote. */
  abstract DataSource source(Configuration hadoop, Path folder) throws IOException;

  /** Name of a folder for so many of them. */
  String folder(int train, int validation) {
    return "%s-%d-%d".formatted(name().toLowerCase(Locale.ROOT), train, validation);
  }
}
