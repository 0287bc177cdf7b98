package io.elapid.data.image;

import java.util.zip.CRC32;

/**
 * A PNG file's chunks, read and checksummed without decompressing.
 *
 * @param depth bits per sample, 1 to 16
 * @param colour PNG's colour type: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha
 */
record PngStructure(int width, int height, int depth, int colour) {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int CHUNK_OVERHEAD = 12;

  ImageInfo info() {
    return new ImageInfo(ImageFormat.PNG, width, height, Orientation.UPRIGHT);
  }

  static boolean hasSignature(byte[] bytes) {
    if (bytes.length < SIGNATURE.length) {
      return false;
    }
    for (int i = 0; i < SIGNATURE.length; i++) {
      if (bytes[i] != SIGNATURE[i]) {
        return false;
      }
    }
    return true;
  }

  static PngStructure scan(byte[] bytes) throws UnreadableImageException {
    PngStructure header = null;
    boolean data = false;
    int position = SIGNATURE.length;
    while (position + CHUNK_OVERHEAD <= bytes.length) {
      int length = int32(bytes, position);
      int type = int32(bytes, position + 4);
      if (length < 0 || length > bytes.length - position - CHUNK_OVERHEAD) {
        throw truncated(bytes);
      }
      if (header == null) {
        header = header(bytes, position, length, type);
      }
      if (isCritical(type)) {
        checkSum(bytes, position, length);
      }
      data |= type == IDAT;
      if (type == IEND) {
        if (!data) {
          throw new UnreadableImageException("PNG without picture data");
        }
        return header;
      }
      position += length + CHUNK_OVERHEAD;
    }
    throw truncated(bytes);
  }

  private static PngStructure header(byte[] bytes, int position, int length, int type)
      throws UnreadableImageException {
    if (type != IHDR || length != 13) {
      throw new UnreadableImageException("PNG without a header chunk");
    }
    long width = int32(bytes, position + 8) & 0xFFFFFFFFL;
    long height = int32(bytes, position + 12) & 0xFFFFFFFFL;
    if (width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new UnreadableImageException("PNG claims " + width + " x " + height + " pixels");
    }
    ImageCodec.checkSize(width, height, "PNG");
    int depth = bytes[position + 16];
    int colour = bytes[position + 17];
    if (!isValid(depth, colour)) {
      throw new UnreadableImageException(
          "PNG of colour type " + colour + " with " + depth + " bits");
    }
    return new PngStructure((int) width, (int) height, depth, colour);
  }

  private static boolean isValid(int depth, int colour) {
    boolean upTo8 = depth == 1 || depth == 2 || depth == 4 || depth == 8;
    return switch (colour) {
      case 0 -> upTo8 || depth == 16;
      case 3 -> upTo8;
      case 2, 4, 6 -> depth == 8 || depth == 16;
      default -> false;
    };
  }

  /** Bit 5 of the first letter: upper case means that a reader must understand the chunk. */
  private static boolean isCritical(int type) {
    return (type & 0x20000000) == 0;
  }

  private static void checkSum(byte[] bytes, int position, int length)
      throws UnreadableImageException {
    CRC32 crc = new CRC32();
    crc.update(bytes, position + 4, length + 4);
    if ((int) crc.getValue() != int32(bytes, position + 8 + length)) {
      throw new UnreadableImageException("PNG chunk at byte " + position + " fails its checksum");
    }
  }

  private static UnreadableImageException truncated(byte[] bytes) {
    return new UnreadableImageException(
        "truncated PNG: " + bytes.length + " bytes and no end chunk");
  }

  private static int int32(byte[] b, int at) {
    return (b[at] & 0xFF) << 24
        | (b[at + 1] & 0xFF) << 16
        | (b[at + 2] & 0xFF) << 8
        | (b[at + 3] & 0xFF);
  }
}
