package io.elapid.data.shard;

import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.ImageInfo;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.source.ListedAnnotation;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectTarget;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** From what was listed of a sample to its row, with every check that a row has to pass. */
final class SampleReader {
  private final SampleBytes source;
  private final ShardSettings.Check check;

  SampleReader(SampleBytes source, ShardSettings.Check check) {
    this.source = source;
    this.check = check;
  }

  /** Where a sample's bytes lie, as shards and issues name it. */
  static String origin(SampleRef ref) {
    return ref.offset() == 0 ? ref.path() : ref.path() + "#" + ref.offset();
  }

  /**
   * Reads and checks.
   *
   * @param remarks hears what is odd about a sample that can be used all the same
   * @throws SampleBytes.UnusableException when a file of the sample cannot be had
   * @throws UnreadableImageException when it is no picture, or target and picture do not agree
   */
  Sample read(SampleRef ref, List<ListedAnnotation> annotations, Consumer<String> remarks)
      throws IOException, SampleBytes.UnusableException, UnreadableImageException {
    byte[] bytes = source.read(ref.path(), ref.offset(), ref.length());
    ImageInfo info = ImageCodec.inspect(bytes);
    if (check == ShardSettings.Check.PIXELS) {
      ImageCodec.decode(bytes);
    }
    if (ref.target() instanceof TargetRef.OfObjects objects) {
      return objects(ref, bytes, info, objects, annotations, remarks);
    }
    if (ref.target() instanceof TargetRef.OfLabelMap labels) {
      return labels(ref, bytes, info, labels, remarks);
    }
    int label = ((TargetRef.OfClass) ref.target()).label();
    return new Sample(
        ref.id(),
        bytes,
        info.width(),
        info.height(),
        info.format(),
        origin(ref),
        new ClassTarget(label));
  }

  private static Sample objects(
      SampleRef ref,
      byte[] bytes,
      ImageInfo info,
      TargetRef.OfObjects objects,
      List<ListedAnnotation> annotations,
      Consumer<String> remarks) {
    Orientation orientation = agreeing(info, objects);
    boolean turned = orientation.isTurned();
    int width = turned ? info.height() : info.width();
    int height = turned ? info.width() : info.height();
    if (width != objects.width() || height != objects.height()) {
      remarks.accept(
          "the picture has %d x %d pixels, its annotations are of %d x %d"
              .formatted(width, height, objects.width(), objects.height()));
    }
    ObjectTarget target =
        new ObjectTarget(
            objects.imageId(),
            orientation,
            annotations.stream().map(ListedAnnotation::annotation).toList());
    return new Sample(ref.id(), bytes, width, height, info.format(), origin(ref), target);
  }

  /**
   * Annotators may have seen the picture as stored or as its EXIF block says. The annotations' size
   * tells; where it does not, the EXIF block is followed, as published detectors do.
   */
  private static Orientation agreeing(ImageInfo info, TargetRef.OfObjects objects) {
    boolean asStored = info.width() == objects.width() && info.height() == objects.height();
    boolean turned = info.height() == objects.width() && info.width() == objects.height();
    return asStored && !turned && info.orientation().isTurned()
        ? Orientation.UPRIGHT
        : info.orientation();
  }

  private Sample labels(
      SampleRef ref,
      byte[] bytes,
      ImageInfo info,
      TargetRef.OfLabelMap labels,
      Consumer<String> remarks)
      throws IOException, SampleBytes.UnusableException, UnreadableImageException {
    byte[] png = source.read(labels.path(), 0, labels.length());
    LabelMap map;
    try {
      map = ImageCodec.decodeLabels(png);
    } catch (UnreadableImageException e) {
      throw new UnreadableImageException(labels.path() + ": " + e.getMessage(), e);
    }
    if (map.width() != info.width() || map.height() != info.height()) {
      throw new UnreadableImageException(
          "%s has %d x %d pixels, its picture %d x %d"
              .formatted(labels.path(), map.width(), map.height(), info.width(), info.height()));
    }
    long[] histogram = map.histogram();
    for (int value = labels.classes() + 1; value < histogram.length; value++) {
      if (histogram[value] > 0) {
        throw new UnreadableImageException(
            "%s has the label %d, there are %d classes"
                .formatted(labels.path(), value, labels.classes()));
      }
    }
    if (histogram[0] == (long) map.width() * map.height()) {
      remarks.accept("no pixel of " + labels.path() + " has a class");
    }
    return new Sample(
        ref.id(),
        bytes,
        info.width(),
        info.height(),
        info.format(),
        origin(ref),
        new LabelMapTarget(png, labels.scene()));
  }
}
