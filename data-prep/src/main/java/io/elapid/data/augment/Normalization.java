package io.elapid.data.augment;

import io.elapid.data.image.FloatImage;
import io.elapid.data.image.Image;
import io.elapid.data.image.Pixels;
import io.elapid.data.image.Size;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * From bytes to the network's input: (value / 255 - mean) / std per channel.
 *
 * @param mean of red, green and blue on the scale 0..1
 * @param std standard deviation of red, green and blue on the same scale
 */
public record Normalization(double[] mean, double[] std) {
  /** The statistics that all published ImageNet networks use. */
  public static Normalization imageNet() {
    return new Normalization(
        new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});
  }

  public Normalization {
    if (mean.length != Image.CHANNELS || std.length != Image.CHANNELS) {
      throw new IllegalArgumentException("mean and std need one number per channel");
    }
    for (double s : std) {
      if (!(s > 0)) {
        throw new IllegalArgumentException("std must be positive, not " + s);
      }
    }
  }

  /**
   * The float for every channel and byte value, as [channel x 256 + value].
   *
   * <p>Made once and kept: 768 numbers stand for all the arithmetic.
   */
  public float[] table() {
    float[] table = new float[Image.CHANNELS * 256];
    for (int channel = 0; channel < Image.CHANNELS; channel++) {
      for (int value = 0; value < 256; value++) {
        table[channel * 256 + value] = (float) ((value / 255.0 - mean[channel]) / std[channel]);
      }
    }
    return table;
  }

  /**
   * Writes a picture as planes (3, height, width) at {@code offset} of {@code out}.
   *
   * @param table what {@link #table()} returned
   */
  public static void write(Image image, float[] table, FloatBuffer out, int offset) {
    byte[] rgb = image.rgb();
    int pixels = image.width() * image.height();
    float[] plane = new float[pixels];
    for (int channel = 0; channel < Image.CHANNELS; channel++) {
      int base = channel * 256;
      for (int i = 0, from = channel; i < pixels; i++, from += Image.CHANNELS) {
        plane[i] = table[base + (rgb[from] & 0xFF)];
      }
      out.put(offset + channel * pixels, plane);
    }
  }

  /**
   * Writes a picture as planes (3, frame height, frame width) at {@code offset} of {@code out},
   * zeros right and below of it.
   *
   * @param frame holds the picture
   */
  public void write(Pixels pixels, Size frame, FloatBuffer out, int offset) {
    if (!frame.holds(Size.of(pixels))) {
      throw new IllegalArgumentException("a picture of " + Size.of(pixels) + " in " + frame);
    }
    float[] table = table();
    float[] row = new float[frame.width()];
    for (int channel = 0; channel < Image.CHANNELS; channel++) {
      int plane = offset + channel * frame.width() * frame.height();
      for (int y = 0; y < frame.height(); y++) {
        if (y < pixels.height()) {
          row(pixels, y, channel, table, row);
        } else if (y == pixels.height()) {
          Arrays.fill(row, 0);
        }
        out.put(plane + y * frame.width(), row);
      }
    }
  }

  private void row(Pixels pixels, int y, int channel, float[] table, float[] out) {
    int from = y * pixels.width() * Image.CHANNELS + channel;
    if (pixels instanceof Image image) {
      for (int x = 0; x < image.width(); x++, from += Image.CHANNELS) {
        out[x] = table[channel * 256 + (image.rgb()[from] & 0xFF)];
      }
    } else if (pixels instanceof FloatImage image) {
      for (int x = 0; x < image.width(); x++, from += Image.CHANNELS) {
        out[x] = (float) ((image.rgb()[from] / 255.0 - mean[channel]) / std[channel]);
      }
    }
  }
}
