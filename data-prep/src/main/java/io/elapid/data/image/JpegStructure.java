package io.elapid.data.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A JPEG file's markers (ITU T.81 annex B), read without decoding.
 *
 * @param components 1 gray, 3 colour, 4 CMYK
 * @param jfif whether a JFIF segment says that colours are YCbCr
 * @param adobeTransform the Adobe segment's colour transform, -1 without such a segment
 * @param adobeAt where that segment's name stands, -1 without one
 * @param rgbIds whether the components are called 'R', 'G', 'B'
 * @param orientation what the first EXIF block claims
 */
record JpegStructure(
    int width,
    int height,
    int components,
    boolean jfif,
    int adobeTransform,
    int adobeAt,
    boolean rgbIds,
    Orientation orientation) {

  /**
   * A baseline picture spends at least 12 bits on each 256 pixels. Far beyond that ratio the header
   * lies about the size; small pictures are let through, they cost nothing.
   */
  private static final long MAX_PIXELS_PER_BYTE = 1024;

  private static final long CHEAP_PIXELS = 1L << 22;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP1 = 0xE1;
  private static final int APP14 = 0xEE;

  /** Whether three components are R, G and B as they are: libjpeg's rule. */
  boolean isRgb() {
    boolean said = adobeTransform < 0 ? rgbIds : adobeTransform == 0;
    return components == 3 && !jfif && said;
  }

  ImageInfo info() {
    return new ImageInfo(ImageFormat.JPEG, width, height, orientation);
  }

  static JpegStructure scan(byte[] bytes) throws UnreadableImageException {
    return new Scanner(bytes).scan();
  }

  private static final class Scanner {
    private final byte[] bytes;
    private int position = 2;
    private int width;
    private int height;
    private int components;
    private boolean jfif;
    private int adobeTransform = -1;
    private int adobeAt = -1;
    private boolean rgbIds;
    private Orientation orientation;
    private boolean pictureData;

    Scanner(byte[] bytes) {
      this.bytes = bytes;
    }

    JpegStructure scan() throws UnreadableImageException {
      for (int marker = nextMarker(); marker != EOI; marker = nextMarker()) {
        segment(marker);
      }
      if (!pictureData) {
        throw new UnreadableImageException("JPEG without picture data");
      }
      return new JpegStructure(
          width,
          height,
          components,
          jfif,
          adobeTransform,
          adobeAt,
          rgbIds,
          orientation == null ? Orientation.UPRIGHT : orientation);
    }

    private void segment(int marker) throws UnreadableImageException {
      if (standsAlone(marker)) {
        return;
      }
      int length = position + 2 <= bytes.length ? short16(position) : 2;
      int body = position + 2;
      if (length < 2) {
        throw new UnreadableImageException("JPEG segment of impossible length " + length);
      }
      if (position + length > bytes.length) {
        throw truncated();
      }
      int bodyLength = length - 2;
      if (isFrame(marker)) {
        frame(marker, body, bodyLength);
      } else if (marker == APP0) {
        jfif |= bodyLength >= 5 && text(body, "JFIF");
      } else if (marker == APP1) {
        exif(body, bodyLength);
      } else if (marker == APP14 && bodyLength >= 12 && text(body, "Adobe")) {
        adobeAt = body;
        adobeTransform = bytes[body + 11] & 0xFF;
      }
      position += length;
      if (marker == SOS) {
        if (components == 0) {
          throw new UnreadableImageException("JPEG without a frame header");
        }
        pictureData = true;
        skipEntropyCodedData();
      }
    }

    private void exif(int body, int length) {
      if (length >= 6 && text(body, "Exif") && orientation == null) {
        orientation = Exif.orientation(bytes, body + 6, body + length);
      }
    }

    private void frame(int marker, int body, int length) throws UnreadableImageException {
      if (marker > 0xC2) {
        throw new UnreadableImageException(
            "JPEG coding " + Integer.toHexString(marker) + " (lossless or arithmetic) is not read");
      }
      if (length < 6) {
        throw new UnreadableImageException("JPEG frame header is too short");
      }
      if (components != 0) {
        throw new UnreadableImageException("JPEG with more than one frame");
      }
      int precision = bytes[body] & 0xFF;
      if (precision != 8) {
        throw new UnreadableImageException("JPEG of " + precision + " bits is not read");
      }
      height = short16(body + 1);
      width = short16(body + 3);
      components = bytes[body + 5] & 0xFF;
      ImageCodec.checkSize(width, height, "JPEG");
      long pixels = (long) width * height;
      if (pixels > CHEAP_PIXELS && pixels / bytes.length > MAX_PIXELS_PER_BYTE) {
        throw new UnreadableImageException(
            "JPEG claims " + width + " x " + height + " pixels in " + bytes.length + " bytes");
      }
      if (components != 1 && components != 3 && components != 4) {
        throw new UnreadableImageException("JPEG with " + components + " components is not read");
      }
      if (length < 6 + 3 * components) {
        throw new UnreadableImageException("JPEG frame header is too short");
      }
      components(body + 6);
    }

    private void components(int at) {
      rgbIds = components == 3 && bytes[at] == 'R' && bytes[at + 3] == 'G' && bytes[at + 6] == 'B';
    }

    /** Moves to the next marker that ends a scan: not a stuffed zero, not a restart marker. */
    private void skipEntropyCodedData() throws UnreadableImageException {
      int last = bytes.length - 1;
      for (int i = nextFull(position, last); i < last; i = nextFull(i + 1, last)) {
        int next = bytes[i + 1] & 0xFF;
        if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
          position = i;
          return;
        }
      }
      throw truncated();
    }

    /** Where the next byte of ones is before {@code end}; eight are looked at together. */
    private int nextFull(int from, int end) {
      int at = from;
      for (; at + Long.BYTES <= end; at += Long.BYTES) {
        long zeros = ~(long) WORDS.get(bytes, at);
        // Borrows reach only upwards: the lowest bit that is set belongs to a byte of zeros.
        long found = zeros - 0x0101010101010101L & ~zeros & 0x8080808080808080L;
        if (found != 0) {
          return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
        }
      }
      while (at < end && bytes[at] != (byte) 0xFF) {
        at++;
      }
      return at;
    }

    /** As libjpeg does, steps over stray bytes in front of a marker. */
    private int nextMarker() throws UnreadableImageException {
      while (position + 1 < bytes.length) {
        int code = bytes[position + 1] & 0xFF;
        if (bytes[position] == (byte) 0xFF && code != 0 && code != 0xFF) {
          position += 2;
          return code;
        }
        position++;
      }
      throw truncated();
    }

    private UnreadableImageException truncated() {
      return new UnreadableImageException(
          "truncated JPEG: " + bytes.length + " bytes and no end-of-image marker");
    }

    private static boolean standsAlone(int marker) {
      return marker == SOI || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
    }

    private static boolean isFrame(int marker) {
      // C4, C8 and CC in this range define tables and extensions.
      return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private int short16(int at) {
      return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private boolean text(int at, String expected) {
      for (int i = 0; i < expected.length(); i++) {
        if (bytes[at + i] != expected.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }
}
