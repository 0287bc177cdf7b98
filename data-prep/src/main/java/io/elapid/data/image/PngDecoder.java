package io.elapid.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** PNG through the JDK's reader, looking at samples instead of colour models. */
final class PngDecoder {
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
    Raster raster = read(bytes, structure).getRaster();
    return new LabelMap(structure.width(), structure.height(), ColorSpace.numbers(raster));
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
