package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.Transform;
import io.elapid.data.image.Image;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.Instances;
import io.elapid.data.target.WholePicture;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;

/** From encoded bytes to one row of a batch: decode, augment, normalise, smooth the label. */
final class SampleDecoder {
  private static final long ERASING = 1L << 32;

  private final Pipeline pipeline;
  private final Optional<RandomErasing> erasing;
  private final float[] normalization;
  private final int imageSize;
  private final int classes;
  private final float on;
  private final float off;

  SampleDecoder(LoaderSettings settings) {
    this.pipeline = new Pipeline(settings.transforms());
    this.erasing = settings.erasing();
    this.normalization = settings.normalization().table();
    this.imageSize = settings.imageSize();
    this.classes = settings.classes();
    double smoothing = settings.labelSmoothing();
    this.off = (float) (smoothing / classes);
    this.on = (float) (1 - smoothing + smoothing / classes);
  }

  /** Fills row {@code row} of the images. */
  void image(Sample sample, long seed, Buffers buffers, int row) throws UnreadableImageException {
    Image image = picture(sample, seed).image();
    if (image.width() != imageSize || image.height() != imageSize) {
      throw new InputException(
          "sample %s is %d x %d after the transforms, the network takes %d x %d"
              .formatted(sample.id(), image.width(), image.height(), imageSize, imageSize),
          "end the recipe's transforms with a crop to the network's image size");
    }
    FloatBuffer images = buffers.images().asFloatBuffer();
    int start = row * rowFloats();
    Normalization.write(image, normalization, images, start);
    erasing.ifPresent(
        erase ->
            erase.apply(images, start, Image.CHANNELS, imageSize, SplitMix.derive(seed, ERASING)));
  }

  private Annotated picture(Sample sample, long seed) throws UnreadableImageException {
    List<Transform> transforms = pipeline.transforms();
    if (!transforms.isEmpty() && transforms.get(0) instanceof RandomResizedCrop crop) {
      Image part = crop.decodeAndApply(sample.image(), SplitMix.derive(seed, 0));
      return pipeline.applyFrom(1, Annotated.of(part, new WholePicture(sample.label())), seed);
    }
    return pipeline.apply(SamplePictures.decode(sample, Instances.Parts.BOXES), seed);
  }

  /** Fills row {@code row} of the targets. */
  void target(Sample sample, Buffers buffers, int row) {
    int label = sample.label();
    if (label < 0 || label >= classes) {
      throw new InputException(
          "sample " + sample.id() + " has label " + label + " of " + classes + " classes",
          "prepare the data set again");
    }
    FloatBuffer targets = buffers.targets().asFloatBuffer();
    for (int c = 0; c < classes; c++) {
      targets.put(row * classes + c, c == label ? on : off);
    }
  }

  /** Moves row {@code from} of the images to row {@code to}. */
  void moveImage(Buffers buffers, int from, int to) {
    int floats = rowFloats();
    FloatBuffer images = buffers.images().asFloatBuffer();
    images.put(to * floats, images, from * floats, floats);
  }

  /** Zeroes all rows from {@code row} on. */
  void clear(Buffers buffers, int row) {
    zero(buffers.images().asFloatBuffer(), row * rowFloats());
    zero(buffers.targets().asFloatBuffer(), row * classes);
  }

  private static void zero(FloatBuffer buffer, int from) {
    for (int i = from; i < buffer.capacity(); i++) {
      buffer.put(i, 0f);
    }
  }

  private int rowFloats() {
    return Image.CHANNELS * imageSize * imageSize;
  }
}
