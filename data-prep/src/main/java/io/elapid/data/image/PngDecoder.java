package io.elapid.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** PNG through the JDK's reader, looking at samples instead of colour models. */
final class PngDecoder {
  private static final int SIGNATURE = 8;

  /** Length, type and checksum of a chunk. */
  private static final int CHUNK_OVERHEAD = 12;

  private static final int TRNS = 0x74524E53;
  private static final int IDAT = 0x49444154;

  private PngDecoder() {}

  static Image decode(byte[] bytes, PngStructure structure) throws UnreadableImageException {
    BufferedImage image = read(bytes, structure);
    Raster raster = image.getRaster();
    byte[] rgb =
        switch (structure.colour()) {
          case 0, 4 -> ColorSpace.gray(raster);
          case 3 -> ColorSpace.palette(raster, image.getColorModel());
          default -> ColorSpace.rgb(raster);
        };
    return new Image(structure.width(), structure.height(), rgb);
  }

  /** Samples or palette indices of a picture with one channel of at most 8 bits. */
  static LabelMap decodeLabels(byte[] bytes, PngStructure structure)
      throws UnreadableImageException {
    boolean oneChannel = structure.colour() == 0 || structure.colour() == 3;
    if (!oneChannel || structure.depth() > 8) {
      throw new UnreadableImageException(
          "a label picture needs one channel of 8 bits, this is a PNG of colour type %d with %d"
              .formatted(structure.colour(), structure.depth()));
    }
    Raster raster = read(withoutTransparency(bytes), structure).getRaster();
    return new LabelMap(structure.width(), structure.height(), ColorSpace.numbers(raster));
  }

  /**
   * The same file without chunks tRNS, for which the JDK's reader would spread gray samples of few
   * bits over the range of eight.
   */
  private static byte[] withoutTransparency(byte[] bytes) {
    byte[] out = bytes;
    int at = SIGNATURE;
    while (at + CHUNK_OVERHEAD <= out.length) {
      ByteBuffer chunk = ByteBuffer.wrap(out, at, out.length - at);
      int length = chunk.getInt();
      int type = chunk.getInt();
      long end = (long) at + CHUNK_OVERHEAD + length;
      if (length < 0 || end > out.length || type == IDAT) {
        return out;
      }
      if (type == TRNS) {
        byte[] shorter = Arrays.copyOf(out, out.length - (int) (end - at));
        System.arraycopy(out, (int) end, shorter, at, out.length - (int) end);
        out = shorter;
      } else {
        at = (int) end;
      }
    }
    return out;
  }

  private static BufferedImage read(byte[] bytes, PngStructure structure)
      throws UnreadableImageException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      BufferedImage image = reader.read(0);
      if (image.getWidth() != structure.width() || image.getHeight() != structure.height()) {
        throw new UnreadableImageException("damaged PNG: decoded size is not the declared one");
      }
      return image;
    } catch (IOException e) {
      throw new UnreadableImageException("damaged PNG: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }
}
