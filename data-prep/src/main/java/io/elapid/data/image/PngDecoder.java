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
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      BufferedImage image = reader.read(0);
      Raster raster = image.getRaster();
      if (raster.getWidth() != structure.width() || raster.getHeight() != structure.height()) {
        throw new UnreadableImageException("damaged PNG: decoded size is not the declared one");
      }
      byte[] rgb =
          switch (structure.colour()) {
            case 0, 4 -> ColorSpace.gray(raster);
            case 3 -> ColorSpace.palette(raster, image.getColorModel());
            default -> ColorSpace.rgb(raster);
          };
      return new Image(structure.width(), structure.height(), rgb);
    } catch (IOException e) {
      throw new UnreadableImageException("damaged PNG: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }
}
