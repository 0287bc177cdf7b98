package io.elapid.observe;

import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Mask;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws objects and label maps on pictures: boxes with names in the colour of their class, masks
 * and labels as a veil.
 *
 * @param names of classes by index
 * @param side that neither side of what is drawn exceeds, in pixels; small pictures are enlarged
 */
public record Drawing(List<String> names, int side) {
  /** A side of pictures that pages show several of. */
  public static final int PAGE_SIDE = 360;

  private static final double VEIL = 0.5;
  private static final double LARGEST_SCALE = 4;
  private static final int STROKE = 2;
  private static final int FONT = 11;

  public Drawing {
    names = List.copyOf(names);
  }

  /** A class's colour as red << 16 | green << 8 | blue; classes that are neighbours differ much. */
  public static int color(int label) {
    float golden = 0.618034f;
    return Color.HSBtoRGB(label * golden % 1, 0.8f, label % 2 == 0 ? 1f : 0.8f) & 0xFF_FFFF;
  }

  /** The picture as it is. */
  public Image plain(Image picture) {
    return image(scaled(picture));
  }

  /** The picture with objects, the last on top. */
  public Image marked(Image picture, List<Mark> marks) {
    byte[] rgb = picture.rgb().clone();
    for (Mark mark : marks) {
      mark.mask().ifPresent(m -> requireSize(picture, new Size(m.width(), m.height())));
      mark.mask().ifPresent(m -> veil(rgb, m, color(mark.label())));
    }
    BufferedImage out = scaled(new Image(picture.width(), picture.height(), rgb));
    double scale = (double) out.getWidth() / picture.width();
    Graphics2D graphics = out.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, FONT));
    marks.forEach(mark -> outline(graphics, mark, scale));
    graphics.dispose();
    return image(out);
  }

  /**
   * The picture under the colours of its labels.
   *
   * @param labels of the picture's size: 0 for "other", which stays as it is, 1 + class index for a
   *     class, {@link LabelMap#IGNORED} for black
   */
  public Image labelled(Image picture, LabelMap labels) {
    requireSize(picture, new Size(labels.width(), labels.height()));
    byte[] rgb = picture.rgb().clone();
    for (int i = 0; i < labels.values().length; i++) {
      int value = labels.values()[i] & 0xFF;
      if (value > 0) {
        blend(rgb, i, value == LabelMap.IGNORED ? 0 : color(value - 1));
      }
    }
    return image(scaled(new Image(picture.width(), picture.height(), rgb)));
  }

  private static void requireSize(Image picture, Size size) {
    if (!Size.of(picture).equals(size)) {
      throw new IllegalArgumentException(
          "a mask or labels of %d x %d on a picture of %d x %d"
              .formatted(size.width(), size.height(), picture.width(), picture.height()));
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

  private BufferedImage scaled(Image picture) {
    int width = picture.width();
    int height = picture.height();
    byte[] rgb = picture.rgb();
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

  private void outline(Graphics2D out, Mark mark, double scale) {
    Box box = mark.box();
    int x = (int) Math.round(box.left() * scale);
    int y = (int) Math.round(box.top() * scale);
    out.setColor(new Color(color(mark.label())));
    out.setStroke(
        mark.outline() == Mark.Outline.SOLID
            ? new BasicStroke(STROKE)
            : new BasicStroke(
                STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {5, 4}, 0));
    out.drawRect(
        x, y, (int) Math.round(box.width() * scale), (int) Math.round(box.height() * scale));
    String text = (name(mark.label()) + " " + mark.note()).strip();
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

  private static Image image(BufferedImage drawn) {
    int width = drawn.getWidth();
    int height = drawn.getHeight();
    int[] pixels = drawn.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[pixels.length * Image.CHANNELS];
    for (int i = 0; i < pixels.length; i++) {
      rgb[Image.CHANNELS * i] = (byte) (pixels[i] >> 16);
      rgb[Image.CHANNELS * i + 1] = (byte) (pixels[i] >> 8);
      rgb[Image.CHANNELS * i + 2] = (byte) pixels[i];
    }
    return new Image(width, height, rgb);
  }
}
