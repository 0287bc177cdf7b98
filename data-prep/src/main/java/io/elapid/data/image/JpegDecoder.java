package io.elapid.data.image;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * JPEG, through the JDK's reader where our own does not do, kept to the colours that libjpeg and
 * Pillow give.
 */
final class JpegDecoder {
  private static final byte[] JFIF = {
    (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
  };

  private JpegDecoder() {}

  /** A rectangle of the picture, exactly as if cut out of the whole. */
  static Image decode(byte[] bytes, JpegStructure structure, Region region)
      throws UnreadableImageException {
    Image fast = Vectors.AVAILABLE ? JpegBaseline.decode(bytes, structure, region) : null;
    if (fast != null) {
      return fast;
    }
    Image whole = decodeWithJdk(bytes, structure);
    return Resize.crop(whole, region.x(), region.y(), region.width(), region.height());
  }

  static Image decodeWithJdk(byte[] bytes, JpegStructure structure)
      throws UnreadableImageException {
    byte[] data = plainlyYcc(bytes, structure);
    List<String> warnings = new ArrayList<>();
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      byte[] rgb = read(reader, structure);
      rejectMissingData(warnings);
      return new Image(structure.width(), structure.height(), rgb);
    } catch (IOException e) {
      throw new UnreadableImageException("damaged JPEG: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }

  private static byte[] read(ImageReader reader, JpegStructure structure)
      throws IOException, UnreadableImageException {
    boolean raw = structure.components() == 4;
    Raster raster = raw ? reader.readRaster(0, null) : reader.read(0).getRaster();
    if (raster.getWidth() != structure.width()
        || raster.getHeight() != structure.height()
        || raster.getNumBands() != structure.components()) {
      throw new UnreadableImageException("damaged JPEG: decoded size is not the declared one");
    }
    return switch (structure.components()) {
      case 1 -> ColorSpace.gray(raster);
      case 3 -> ColorSpace.rgb(raster);
      default -> ColorSpace.cmyk(inks(ColorSpace.samples(raster), structure));
    };
  }

  /** Undoes what Adobe does to inks: a YCbCr transform (when marked) and the inversion (always). */
  private static byte[] inks(byte[] stored, JpegStructure structure) {
    boolean transformed = structure.adobeTransform() == 2;
    for (int i = 0; i < stored.length; i += 4) {
      if (transformed) {
        yccToInk(stored, i);
      }
      for (int c = 0; c < 4; c++) {
        stored[i + c] = (byte) (255 - (stored[i + c] & 0xFF));
      }
    }
    return stored;
  }

  /** ITU-R BT.601 as in libjpeg: fixed point with 16 bits, C = 255 - R and so on. */
  private static void yccToInk(byte[] s, int i) {
    int y = s[i] & 0xFF;
    int cb = (s[i + 1] & 0xFF) - 128;
    int cr = (s[i + 2] & 0xFF) - 128;
    s[i] = clip(255 - (y + ((91881 * cr + 32768) >> 16)));
    s[i + 1] = clip(255 - (y + ((-22554 * cb - 46802 * cr + 32768) >> 16)));
    s[i + 2] = clip(255 - (y + ((116130 * cb + 32768) >> 16)));
  }

  private static byte clip(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }

  /**
   * Without any colour marker the JDK takes three components of equal size for RGB where libjpeg
   * goes by their names; a JFIF segment settles it. Where an Adobe segment says other than that,
   * the JDK refuses what libjpeg takes for YCbCr; without its name it is none.
   */
  private static byte[] plainlyYcc(byte[] bytes, JpegStructure s) {
    if (s.components() != 3 || s.isRgb() || s.adobeTransform() == 1) {
      return bytes;
    }
    byte[] data = bytes;
    if (s.adobeAt() >= 0) {
      data = bytes.clone();
      data[s.adobeAt()] = 0;
    }
    return s.jfif() ? data : withJfif(data);
  }

  private static byte[] withJfif(byte[] bytes) {
    byte[] out = new byte[bytes.length + JFIF.length];
    System.arraycopy(bytes, 0, out, 0, 2);
    System.arraycopy(JFIF, 0, out, 2, JFIF.length);
    System.arraycopy(bytes, 2, out, 2 + JFIF.length, bytes.length - 2);
    return out;
  }

  /**
   * The reader fills what it cannot find with gray and merely warns. Warnings about stray bytes,
   * odd EXIF blocks or profiles are harmless; one about missing data is not.
   */
  private static void rejectMissingData(List<String> warnings) throws UnreadableImageException {
    for (String warning : warnings) {
      if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
        throw new UnreadableImageException("damaged JPEG: " + warning);
      }
    }
  }
}
