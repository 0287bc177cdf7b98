package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.Size;
import io.elapid.data.target.GroundTruth;
import io.elapid.data.target.Instances;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * Lays a share of the pictures somewhere on a larger canvas of one colour, both sides longer by the
 * same drawn ratio: objects get smaller (Liu et al. 2016).
 *
 * @param probability of a picture being laid out, 0 to 1
 * @param minRatio of canvas side / picture side, at least 1
 * @param maxRatio likewise
 */
public record Expand(double probability, double minRatio, double maxRatio, Color fill)
    implements Transform {

  /** Values 0..255. */
  public record Color(int red, int green, int blue) {
    public Color {
      if (((red | green | blue) & ~0xFF) != 0) {
        throw new IllegalArgumentException("no colour: " + red + ", " + green + ", " + blue);
      }
    }
  }

  public Expand {
    Checks.probability(probability);
    Checks.ordered("ratio", minRatio, maxRatio);
    if (minRatio < 1) {
      throw new IllegalArgumentException("minRatio must be at least 1, not " + minRatio);
    }
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    if (random.nextDouble() >= probability) {
      return picture;
    }
    double ratio = random.uniform(minRatio, maxRatio);
    Size size = picture.size();
    int left = (int) random.uniform(0, size.width() * ratio - size.width());
    int top = (int) random.uniform(0, size.height() * ratio - size.height());
    Size canvas = new Size((int) (size.width() * ratio), (int) (size.height() * ratio));
    return new Annotated(
        laid(picture.image(), canvas, left, top),
        moved(picture.truth(), canvas, left, top),
        picture.geometry().framed(canvas));
  }

  private Image laid(Image image, Size canvas, int left, int top) {
    byte[] out = new byte[Math.multiplyExact(canvas.width() * Image.CHANNELS, canvas.height())];
    for (int i = 0; i < out.length; i += Image.CHANNELS) {
      out[i] = (byte) fill.red;
      out[i + 1] = (byte) fill.green;
      out[i + 2] = (byte) fill.blue;
    }
    int rowBytes = image.width() * Image.CHANNELS;
    for (int y = 0; y < image.height(); y++) {
      int to = ((top + y) * canvas.width() + left) * Image.CHANNELS;
      System.arraycopy(image.rgb(), y * rowBytes, out, to, rowBytes);
    }
    return new Image(canvas.width(), canvas.height(), out);
  }

  private static GroundTruth moved(GroundTruth truth, Size canvas, int left, int top) {
    Instances instances = (Instances) truth;
    return instances.moved(
        box -> box.moved(left, top),
        instances.grid().window(-left, -top, canvas.width(), canvas.height()));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    Size size = picture.size();
    return List.of(
        Outcome.atMost((int) (size.width() * maxRatio), (int) (size.height() * maxRatio)));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION);
  }
}
