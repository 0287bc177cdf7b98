package io.elapid.observe;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.LabelMap;
import io.elapid.data.target.Box;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.Mask;
import io.elapid.data.target.PixelClasses;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/**
 * Pictures with what is to be learnt from them drawn over: boxes and masks in the colour of their
 * class, label maps as a veil. Not safe for concurrent use.
 */
public final class TruthPainter implements AutoCloseable {
  private static final double VEIL = 0.5;
  private static final double LARGEST_SCALE = 4;
  private static final double QUALITY = 0.85;

  private final List<String> names;
  private final int side;
  private final JpegEncoder encoder = new JpegEncoder();

  /**
   * A painter.
   *
   * @param names of classes by index
   * @param side that neither side of what is painted exceeds, in pixels
   */
  public TruthPainter(List<String> names, int side) {
    this.names = List.copyOf(names);
    this.side = side;
  }

  /** A class's colour as red << 16 | green << 8 | blue; classes that are neighbours differ much. */
  public static int color(int label) {
    float golden = 0.618034f;
    return Color.HSBtoRGB(label * golden % 1, 0.8f, label % 2 == 0 ? 1f : 0.8f) & 0xFF_FFFF;
  }

  /** The picture as it is. */
  public Thumbnail plain(Annotated picture) throws IOException {
    return encoded(scaled(picture.viewed().rgb().clone(), picture));
  }

  /** The picture with its boxes, masks or labels; one class for all of it is not drawn. */
  public Thumbnail painted(Annotated picture) throws IOException {
    byte[] rgb = picture.viewed().rgb().clone();
    if (picture.truth() instanceof PixelClasses classes) {
      veil(rgb, classes.labels());
      return encoded(scaled(rgb, picture));
    }
    if (!(picture.truth() instanceof Instances instances)) {
      return encoded(scaled(rgb, picture));
    }
    for (int i = 0; i < instances.list().size(); i++) {
      veil(rgb, instances.mask(i), color(instances.list().get(i).label()));
    }
    BufferedImage image = scaled(rgb, picture);
    boxes(image, instances, (double) image.getWidth() / picture.size().width());
    return encoded(image);
  }

  private static void veil(byte[] rgb, LabelMap labels) {
    for (int i = 0; i < labels.values().length; i++) {
      int value = labels.values()[i] & 0xFF;
      // 0 is "other" and keeps its own colour.
      if (value > 0) {
        blend(rgb, i, value == LabelMap.IGNORED ? 0 : color(value - 1));
      }
    }
  }

  private static void veil(byte[] rgb, Mask mask, int color) {
    for (int i = 0; i < mask.values().length; i++) {
      if (mask.values()[i] != 0) {
        blend(rgb, i, color);
      }
    }
  }

  private static void blend(byte[] rgb, int pixel, int color) {
    for (int c = 0; c < Image.CHANNELS; c++) {
      int at = pixel * Image.CHANNELS + c;
      int over = (color >> (16 - 8 * c)) & 0xFF;
      rgb[at] = (byte) Math.round((rgb[at] & 0xFF) * (1 - VEIL) + over * VEIL);
    }
  }

  private BufferedImage scaled(byte[] rgb, Annotated picture) {
    int width = picture.size().width();
    int height = picture.size().height();
    BufferedImage whole = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = new int[width * height];
    for (int i = 0; i < pixels.length; i++) {
      int at = i * Image.CHANNELS;
      pixels[i] = (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | (rgb[at + 2] & 0xFF);
    }
    whole.setRGB(0, 0, width, height, pixels, 0, width);
    double scale = Math.min(LARGEST_SCALE, (double) side / Math.max(width, height));
    int w = Math.max(1, (int) Math.round(width * scale));
    int h = Math.max(1, (int) Math.round(height * scale));
    BufferedImage small = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    Graphics2D out = small.createGraphics();
    out.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    out.drawImage(whole, 0, 0, w, h, null);
    out.dispose();
    return small;
  }

  private void boxes(BufferedImage image, Instances instances, double scale) {
    Graphics2D out = image.createGraphics();
    out.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    out.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 11));
    for (Instance instance : instances.list()) {
      Box box = instance.box();
      int x = (int) Math.round(box.left() * scale);
      int y = (int) Math.round(box.top() * scale);
      boolean wanted = instance.role() == Instance.Role.WANTED;
      out.setColor(new Color(color(instance.label())));
      out.setStroke(
          wanted
              ? new BasicStroke(2)
              : new BasicStroke(
                  2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {5, 4}, 0));
      out.drawRect(
          x, y, (int) Math.round(box.width() * scale), (int) Math.round(box.height() * scale));
      label(out, wanted ? name(instance.label()) : name(instance.label()) + " (ignored)", x, y);
    }
    out.dispose();
  }

  private static void label(Graphics2D out, String text, int x, int y) {
    FontMetrics metrics = out.getFontMetrics();
    int height = metrics.getAscent() + metrics.getDescent();
    int top = Math.max(0, y - height);
    out.fillRect(x, top, metrics.stringWidth(text) + 6, height);
    Color background = out.getColor();
    int luma = 299 * background.getRed() + 587 * background.getGreen() + 114 * background.getBlue();
    out.setColor(luma > 128_000 ? Color.BLACK : Color.WHITE);
    out.drawString(text, x + 3, top + metrics.getAscent());
  }

  private String name(int label) {
    return label >= 0 && label < names.size() ? names.get(label) : "class " + label;
  }

  private Thumbnail encoded(BufferedImage image) throws IOException {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[pixels.length * Image.CHANNELS];
    for (int i = 0; i < pixels.length; i++) {
      rgb[Image.CHANNELS * i] = (byte) (pixels[i] >> 16);
      rgb[Image.CHANNELS * i + 1] = (byte) (pixels[i] >> 8);
      rgb[Image.CHANNELS * i + 2] = (byte) pixels[i];
    }
    return new Thumbnail("image/jpeg", encoder.encode(new Image(width, height, rgb), QUALITY));
  }

  @Override
  public void close() {
    encoder.close();
  }
}
