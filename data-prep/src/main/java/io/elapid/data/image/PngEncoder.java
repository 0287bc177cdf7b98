package io.elapid.data.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes PNG of eight bits per sample, without interlacing and with no more than it needs. */
public final class PngEncoder {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int GREY = 0;
  private static final int RGB = 2;

  /** Rows as they are: suits areas of one value. */
  private static final int UNFILTERED = 0;

  /** Differences to the pixel on the left: suits photographs. */
  private static final int DIFFERENCES = 1;

  private PngEncoder() {}

  /** A grey picture whose samples are the labels. */
  public static byte[] encode(LabelMap labels) {
    return encode(labels.width(), labels.height(), 1, labels.values(), GREY, UNFILTERED);
  }

  /** A colour picture. */
  public static byte[] encode(Image image) {
    return encode(image.width(), image.height(), Image.CHANNELS, image.rgb(), RGB, DIFFERENCES);
  }

  private static byte[] encode(
      int width, int height, int channels, byte[] samples, int colours, int filter) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(SIGNATURE);
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      DataOutputStream fields = new DataOutputStream(header);
      fields.writeInt(width);
      fields.writeInt(height);
      fields.write(new byte[] {8, (byte) colours, 0, 0, 0});
      chunk(out, "IHDR", header.toByteArray());
      chunk(out, "IDAT", compressed(width * channels, height, channels, samples, filter));
      chunk(out, "IEND", new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] compressed(
      int rowBytes, int height, int channels, byte[] samples, int filter) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      byte[] row = new byte[1 + rowBytes];
      row[0] = (byte) filter;
      for (int y = 0; y < height; y++) {
        System.arraycopy(samples, y * rowBytes, row, 1, rowBytes);
        for (int i = rowBytes; filter == DIFFERENCES && i > channels; i--) {
          row[i] -= row[i - channels];
        }
        out.write(row);
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(name);
    check.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) check.getValue());
  }
}
