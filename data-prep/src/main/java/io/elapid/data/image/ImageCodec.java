package io.elapid.data.image;

import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/**
 * The one place that turns encoded bytes into pixels.
 *
 * <p>{@link #inspect} walks the file's structure without decoding it: it finds out what the bytes
 * are, how large the picture claims to be, and whether the file is cut short. {@link #decode}
 * catches what only decoding can. Both decide by content; names are ignored, and EXIF blocks
 * wherever a method does not name them.
 */
public final class ImageCodec {
  /**
   * The largest picture that is decoded: Pillow's own limit. The largest of ImageNet has 61
   * megapixels.
   */
  public static final long MAX_PIXELS = 89_478_485L;

  private ImageCodec() {}

  /** Format and size of a picture, or the reason why it cannot be one. */
  public static ImageInfo inspect(byte[] bytes) throws UnreadableImageException {
    return switch (formatOf(bytes)) {
      case JPEG -> JpegStructure.scan(bytes).info();
      case PNG -> PngStructure.scan(bytes).info();
    };
  }

  /**
   * Decodes a picture to RGB: gray is repeated, CMYK converted by Pillow's formula, a palette
   * looked up, 16 bits cut to the upper 8, transparency dropped. Of gray in 16 bits Pillow makes
   * white of all that is above 255; OpenCV, and Pillow itself in colour, keep the upper 8.
   */
  public static Image decode(byte[] bytes) throws UnreadableImageException {
    try {
      return switch (formatOf(bytes)) {
        case JPEG -> {
          JpegStructure structure = JpegStructure.scan(bytes);
          Region all = Region.all(structure.width(), structure.height());
          yield JpegDecoder.decode(bytes, structure, all);
        }
        case PNG -> PngDecoder.decode(bytes, PngStructure.scan(bytes));
      };
    } catch (RuntimeException e) {
      // The JDK's readers meet damaged data with whatever their parsing runs into.
      throw new UnreadableImageException("damaged picture data: " + e, e);
    }
  }

  /** Decodes a picture and turns it as its EXIF block says. */
  public static Image decodeUpright(byte[] bytes) throws UnreadableImageException {
    return inspect(bytes).orientation().upright(decode(bytes));
  }

  /**
   * Decodes a rectangle of a picture, to the same pixels as if cut out of all of it, without most
   * of the work for the others. Damage outside of it may go unnoticed.
   *
   * @param choice is told the picture's stored size and names the rectangle
   */
  public static Image decode(byte[] bytes, BiFunction<Integer, Integer, Region> choice)
      throws UnreadableImageException {
    if (formatOf(bytes) == ImageFormat.PNG) {
      Image whole = decode(bytes);
      Region region = choice.apply(whole.width(), whole.height());
      return Resize.crop(whole, region.x(), region.y(), region.width(), region.height());
    }
    JpegStructure structure = JpegStructure.scan(bytes);
    Region region = choice.apply(structure.width(), structure.height());
    try {
      return JpegDecoder.decode(bytes, structure, region);
    } catch (RuntimeException e) {
      throw new UnreadableImageException("damaged picture data: " + e, e);
    }
  }

  /**
   * The numbers of a label picture: the samples of a gray PNG, the indices of one with a palette,
   * never its colours.
   */
  public static LabelMap decodeLabels(byte[] bytes) throws UnreadableImageException {
    try {
      if (formatOf(bytes) != ImageFormat.PNG) {
        throw new UnreadableImageException("a label picture must be a PNG, this is a JPEG");
      }
      return PngDecoder.decodeLabels(bytes, PngStructure.scan(bytes));
    } catch (RuntimeException e) {
      throw new UnreadableImageException("damaged picture data: " + e, e);
    }
  }

  private static ImageFormat formatOf(byte[] bytes) throws UnreadableImageException {
    if (bytes.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    if (startsWith(bytes, 0xFF, 0xD8, 0xFF)) {
      return ImageFormat.JPEG;
    }
    if (PngStructure.hasSignature(bytes)) {
      return ImageFormat.PNG;
    }
    throw new UnreadableImageException("not a JPEG or PNG picture but " + describe(bytes));
  }

  private static String describe(byte[] bytes) {
    if (startsWith(bytes, 'G', 'I', 'F', '8')) {
      return "a GIF";
    }
    if (startsWith(bytes, 'B', 'M')) {
      return "a BMP";
    }
    if (startsWith(bytes, 'I', 'I', 42, 0) || startsWith(bytes, 'M', 'M', 0, 42)) {
      return "a TIFF";
    }
    if (startsWith(bytes, 'R', 'I', 'F', 'F') && bytes.length >= 12 && bytes[8] == 'W') {
      return "a WebP";
    }
    if (allZero(bytes)) {
      return "only zero bytes";
    }
    if (isText(bytes)) {
      return "text: \"" + beginning(bytes) + "\"";
    }
    return "unknown data";
  }

  private static boolean startsWith(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean allZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isText(byte[] bytes) {
    for (int i = 0; i < Math.min(bytes.length, 256); i++) {
      int b = bytes[i] & 0xFF;
      if (b < ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static String beginning(byte[] bytes) {
    String text = new String(bytes, 0, Math.min(bytes.length, 24), StandardCharsets.ISO_8859_1);
    return text.replaceAll("[^\\x20-\\x7E]", " ").strip();
  }

  /** Refuses sizes that are zero, or so large that decoding them would only serve an attacker. */
  static void checkSize(long width, long height, String format) throws UnreadableImageException {
    if (width == 0 || height == 0) {
      throw new UnreadableImageException(format + " without a size: " + width + " x " + height);
    }
    if (width * height > MAX_PIXELS) {
      throw new UnreadableImageException(
          format + " claims " + width + " x " + height + " pixels, more than " + MAX_PIXELS);
    }
  }
}
