package io.elapid.data.loader;

import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.Outcome;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.target.GroundTruth;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.PixelClasses;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Makes batches of single pictures that lie in no data set, in the calling thread. A picture is
 * padded as its pipeline says and no further, so that its batch depends on nothing but the picture.
 * Nothing is annotated. The batch's memory is reused: {@link #batch} ends the use of the one that
 * it returned before. Not safe for concurrent use.
 *
 * @param <B> batches
 */
public final class FramedPictures<B> {
  private final FramedSettings settings;
  private final Form<B> form;
  private ByteBuffer images = ByteBuffer.allocateDirect(0);

  /** What tells the kinds of pictures apart. */
  private interface Form<B> {
    GroundTruth nothing(Image picture);

    B batch(Alone alone);
  }

  /** A picture that has become the only row of a batch. */
  private record Alone(String id, long seed, Annotated picture, ByteBuffer images, Size frame) {}

  private FramedPictures(FramedSettings settings, Form<B> form) {
    this.settings = settings;
    this.form = form;
  }

  /** Of pictures in which objects are looked for. */
  public static FramedPictures<DetectionBatch> ofObjects(FramedSettings settings) {
    return new FramedPictures<>(settings, new Objects());
  }

  /** Of pictures whose pixels are classified. */
  public static FramedPictures<SegmentationBatch> ofLabels(FramedSettings settings) {
    return new FramedPictures<>(settings, new Pixels());
  }

  /** The frame that a picture of that size comes in, or one that holds it if chance decides. */
  public Size frame(Size picture) {
    return settings.pipeline().outcomes(picture).stream()
        .map(Outcome::size)
        .reduce(Size::union)
        .orElseThrow();
  }

  /**
   * A batch of one picture.
   *
   * @param id what the batch calls it
   * @throws UnreadableImageException if it is too large for any memory
   */
  public B batch(String id, Image picture) throws UnreadableImageException {
    Annotated plain = Annotated.of(picture, form.nothing(picture));
    Annotated ready = settings.pipeline().apply(plain, settings.seed());
    Size frame = ready.geometry().padded();
    ByteBuffer filled = filled(ready, frame);
    return form.batch(new Alone(id, settings.seed(), ready, filled, frame));
  }

  private ByteBuffer filled(Annotated picture, Size frame) throws UnreadableImageException {
    long bytes = Float.BYTES * Image.CHANNELS * frame.area();
    if (bytes > Integer.MAX_VALUE) {
      throw new UnreadableImageException(
          "a picture of %s would go through the network as one of %s, which takes %d MiB"
              .formatted(picture.geometry().original(), frame, bytes >> 20));
    }
    if (images.capacity() < bytes) {
      images = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }
    ByteBuffer filled = images.clear().limit((int) bytes);
    settings.normalization().write(picture.pixels(), frame, filled.asFloatBuffer(), 0);
    return filled;
  }

  private static final class Objects implements Form<DetectionBatch> {
    private static final ObjectTarget UNKNOWN = new ObjectTarget(0, Orientation.UPRIGHT, List.of());

    @Override
    public GroundTruth nothing(Image picture) {
      return Instances.of(UNKNOWN, picture.width(), picture.height(), Instances.Parts.BOXES);
    }

    @Override
    public DetectionBatch batch(Alone alone) {
      Annotated picture = alone.picture();
      DetectionBatch.DetectionSample sample =
          new DetectionBatch.DetectionSample(
              alone.id(),
              alone.seed(),
              picture.size(),
              picture.geometry(),
              (Instances) picture.truth(),
              UNKNOWN);
      return new DetectionBatch(alone.images(), alone.frame(), List.of(sample), 1);
    }
  }

  private static final class Pixels implements Form<SegmentationBatch> {
    @Override
    public GroundTruth nothing(Image picture) {
      return new PixelClasses(ignored(Size.of(picture)));
    }

    @Override
    public SegmentationBatch batch(Alone alone) {
      Annotated picture = alone.picture();
      SegmentationBatch.SegmentationSample sample =
          new SegmentationBatch.SegmentationSample(
              alone.id(),
              alone.seed(),
              picture.size(),
              picture.geometry(),
              ignored(picture.geometry().original()));
      byte[] labels = ignored(alone.frame()).values();
      return new SegmentationBatch(
          alone.images(),
          ByteBuffer.allocateDirect(labels.length).put(labels).flip(),
          alone.frame(),
          List.of(sample),
          1);
    }

    private static LabelMap ignored(Size size) {
      byte[] values = new byte[Math.toIntExact(size.area())];
      Arrays.fill(values, (byte) LabelMap.IGNORED);
      return new LabelMap(size.width(), size.height(), values);
    }
  }
}
