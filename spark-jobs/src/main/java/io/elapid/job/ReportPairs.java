package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.config.Transforms;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.SamplePictures;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.PixelClasses;
import io.elapid.observe.Drawing;
import io.elapid.observe.Mark;
import io.elapid.observe.ReportSection;
import io.elapid.observe.Thumbnail;
import io.elapid.worker.PictureAnswer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pictures of a split, what is annotated in them beside what a network found. */
final class ReportPairs implements AutoCloseable {
  private static final String JPEG = "image/jpeg";
  private static final double QUALITY = 0.85;

  private final Drawing drawing;
  private final Pipeline pipeline;
  private final boolean masks;
  private final JpegEncoder encoder = new JpegEncoder();

  /** For the classes of a data set, by index. */
  ReportPairs(Recipe recipe, List<String> names) {
    this.drawing = new Drawing(names, Drawing.PAGE_SIDE);
    this.pipeline = Transforms.pipeline(recipe, recipe.data().evalTransforms());
    this.masks = recipe.task().type() == TaskSpec.Type.INSTANCE_SEGMENTATION;
  }

  /** The section; samples that nothing was said about or that are unreadable are left out. */
  ReportSection section(List<Sample> samples, Map<String, PictureAnswer> answers)
      throws IOException {
    List<ReportSection.Pair> pairs = new ArrayList<>();
    for (Sample sample : samples) {
      PictureAnswer answer = answers.get(sample.id());
      if (answer != null && answer.problem() == null) {
        pairs.add(
            new ReportSection.Pair(
                sample.id(), truth(sample), new Thumbnail(JPEG, answer.painted())));
      }
    }
    return ReportSection.pairs(pairs);
  }

  private Thumbnail truth(Sample sample) throws IOException {
    try {
      Annotated picture =
          pipeline.named(SamplePictures.decode(sample, Instances.Parts.BOXES_AND_MASKS));
      return new Thumbnail(JPEG, encoder.encode(drawn(sample, picture), QUALITY));
    } catch (UnreadableImageException e) {
      throw new IOException("sample " + sample.id() + " was readable before", e);
    }
  }

  private Image drawn(Sample sample, Annotated picture) {
    Image image = picture.image();
    if (sample.target() instanceof ObjectTarget objects) {
      List<Mark> marks = Mark.annotated(objects, image.width(), image.height());
      return drawing.marked(image, masks ? marks : marks.stream().map(Mark::withoutMask).toList());
    }
    return drawing.labelled(image, ((PixelClasses) picture.truth()).labels().withZero());
  }

  @Override
  public void close() {
    encoder.close();
  }
}
