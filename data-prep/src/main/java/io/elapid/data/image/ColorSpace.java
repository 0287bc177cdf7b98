package io.elapid.data.image;

import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * From decoded samples to RGB bytes by arithmetic alone.
 *
 * <p>Java's own {@code BufferedImage.getRGB} goes through colour profiles and turns gray and CMYK
 * pictures into other colours than every other decoder; so only rasters are looked at.
 */
final class ColorSpace {
  private ColorSpace() {}

  /** Bands 0, 1, 2 of a raster as RGB; further bands (alpha) are dropped. */
  static byte[] rgb(Raster raster) {
    byte[] samples = samples(raster);
    int bands = raster.getNumBands();
    if (bands == Image.CHANNELS) {
      return samples;
    }
    int pixels = raster.getWidth() * raster.getHeight();
    byte[] rgb = new byte[pixels * Image.CHANNELS];
    for (int i = 0, from = 0, to = 0; i < pixels; i++, from += bands, to += Image.CHANNELS) {
      rgb[to] = samples[from];
      rgb[to + 1] = samples[from + 1];
      rgb[to + 2] = samples[from + 2];
    }
    return rgb;
  }

  /** Band 0 of a raster, repeated three times. */
  static byte[] gray(Raster raster) {
    byte[] samples = samples(raster);
    int bands = raster.getNumBands();
    int pixels = raster.getWidth() * raster.getHeight();
    byte[] rgb = new byte[pixels * Image.CHANNELS];
    for (int i = 0, to = 0; i < pixels; i++, to += Image.CHANNELS) {
      byte value = samples[i * bands];
      rgb[to] = value;
      rgb[to + 1] = value;
      rgb[to + 2] = value;
    }
    return rgb;
  }

  /** Palette indices looked up in the colour model's table. */
  static byte[] palette(Raster raster, ColorModel model) {
    if (!(model instanceof IndexColorModel table)) {
      throw new IllegalStateException("a palette picture without a palette: " + model);
    }
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[width * height * Image.CHANNELS];
    int[] row = new int[width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        // An index beyond the palette is black, as in libpng.
        int index = row[x];
        boolean known = index < table.getMapSize();
        rgb[to++] = (byte) (known ? table.getRed(index) : 0);
        rgb[to++] = (byte) (known ? table.getGreen(index) : 0);
        rgb[to++] = (byte) (known ? table.getBlue(index) : 0);
      }
    }
    return rgb;
  }

  /** Band 0 of a raster as it is, one byte for each pixel, whatever its number of bits up to 8. */
  static byte[] numbers(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    if (raster.getSampleModel().getSampleSize(0) == 8 && raster.getNumBands() == 1) {
      return samples(raster);
    }
    byte[] out = new byte[width * height];
    int[] row = new int[width];
    for (int y = 0, to = 0; y < height; y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int value : row) {
        out[to++] = (byte) value;
      }
    }
    return out;
  }

  /**
   * True C, M, Y, K samples (0 = no ink) to RGB: (255 - K) - C (255 - K) / 255 as Pillow rounds.
   */
  static byte[] cmyk(byte[] cmyk) {
    byte[] rgb = new byte[cmyk.length / 4 * Image.CHANNELS];
    for (int from = 0, to = 0; from < cmyk.length; from += 4, to += Image.CHANNELS) {
      int white = 255 - (cmyk[from + 3] & 0xFF);
      for (int c = 0; c < Image.CHANNELS; c++) {
        int t = (cmyk[from + c] & 0xFF) * white + 128;
        rgb[to + c] = (byte) Math.max(0, white - (((t >> 8) + t) >> 8));
      }
    }
    return rgb;
  }

  /**
   * All bands of a raster, pixel after pixel, as 8 bits: 16-bit samples lose their lower half,
   * samples of 1, 2 and 4 bits are spread over 0..255.
   */
  static byte[] samples(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] out = new byte[Math.multiplyExact(width * bands, height)];
    if (raster.getTransferType() == DataBuffer.TYPE_BYTE
        && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && raster.getSampleModelTranslateX() == 0
        && raster.getSampleModelTranslateY() == 0) {
      copyBytes(model, buffer, width, height, bands, out);
      return out;
    }
    int[] row = new int[width * bands];
    int bits = raster.getSampleModel().getSampleSize(0);
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int value : row) {
        out[to++] = (byte) (bits > 8 ? value >> (bits - 8) : value * 255 / ((1 << bits) - 1));
      }
    }
    return out;
  }

  private static void copyBytes(
      PixelInterleavedSampleModel model,
      DataBufferByte buffer,
      int width,
      int height,
      int bands,
      byte[] out) {
    byte[] data = buffer.getData();
    int stride = model.getScanlineStride();
    int step = model.getPixelStride();
    int[] offsets = model.getBandOffsets();
    int to = 0;
    for (int y = 0; y < height; y++) {
      int at = buffer.getOffset() + y * stride;
      for (int x = 0; x < width; x++, at += step) {
        for (int b = 0; b < bands; b++) {
          out[to++] = data[at + offsets[b]];
        }
      }
    }
  }
}
