package io.elapid.observe;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * A small picture in the form that a page can hold.
 *
 * @param mediaType such as {@code image/png}
 * @param bytes the encoded picture
 */
public record Thumbnail(String mediaType, byte[] bytes) {
  private static final int CHANNELS = 3;

  /**
   * A picture made so small that neither side exceeds {@code side}, each pixel the mean of those it
   * stands for.
   *
   * @param rgb height x width x 3 unsigned bytes
   */
  public static Thumbnail of(int width, int height, byte[] rgb, int side) {
    int longer = Math.max(width, height);
    int w = longer <= side ? width : Math.max(1, Math.round((float) width * side / longer));
    int h = longer <= side ? height : Math.max(1, Math.round((float) height * side / longer));
    BufferedImage small = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < h; y++) {
      int top = y * height / h;
      int bottom = Math.max(top + 1, (y + 1) * height / h);
      for (int x = 0; x < w; x++) {
        int left = x * width / w;
        int right = Math.max(left + 1, (x + 1) * width / w);
        small.setRGB(x, y, mean(rgb, width, left, right, top, bottom));
      }
    }
    return new Thumbnail("image/png", png(small));
  }

  /** The picture as an address that holds it. */
  public String dataUri() {
    return "data:" + mediaType + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private static int mean(byte[] rgb, int width, int left, int right, int top, int bottom) {
    int packed = 0;
    int count = (right - left) * (bottom - top);
    for (int channel = 0; channel < CHANNELS; channel++) {
      int sum = 0;
      for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
          sum += rgb[(y * width + x) * CHANNELS + channel] & 0xff;
        }
      }
      packed = packed << Byte.SIZE | (sum + count / 2) / count;
    }
    return packed;
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this Java cannot write PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
