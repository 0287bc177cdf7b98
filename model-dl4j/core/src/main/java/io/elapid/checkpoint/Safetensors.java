package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reader and writer of the safetensors format: eight bytes of little-endian header length, a JSON
 * header with type, shape and place of every tensor, then the raw data without gaps.
 *
 * <p>Nothing in a file is trusted. A header that is too long, places that overlap, leave gaps or
 * run past the end, names that occur twice and bytes that belong to nothing are all refused with an
 * {@link InputException} that names the file and the tensor, before memory for the data is taken.
 */
public final class Safetensors {
  /** Longest header that is read; the format's own library has the same limit. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  static final int PREFIX_BYTES = Long.BYTES;
  private static final int CHUNK_BYTES = 1 << 16;

  private Safetensors() {}

  /**
   * Writes a whole file to {@code out}, which stays open. Tensors are ordered by falling element
   * size and else as given; the header is padded so that every tensor is aligned to its type.
   */
  public static void write(
      OutputStream out, Map<String, String> metadata, Collection<NamedTensor> tensors)
      throws IOException {
    requireLittleEndian();
    List<NamedTensor> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt(tensor -> -tensor.type().bytes()));
    byte[] header = SafetensorsHeader.encode(metadata, ordered);
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(prefix.putLong(header.length).array());
    out.write(header);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (NamedTensor tensor : ordered) {
      ByteBuffer data = tensor.data().duplicate();
      while (data.hasRemaining()) {
        int count = Math.min(chunk.length, data.remaining());
        data.get(chunk, 0, count);
        out.write(chunk, 0, count);
      }
    }
  }

  /** Reads a file held in memory; {@code source} is what error messages call it. */
  public static TensorFile read(String source, byte[] file) throws IOException {
    return read(source, new ByteArrayInputStream(file), file.length);
  }

  /**
   * Reads a whole file from {@code in}, which stays open, into direct memory.
   *
   * @param source the name error messages use
   * @param length size of the file in bytes
   * @throws InputException if the bytes are not a safetensors file of that size
   */
  public static TensorFile read(String source, InputStream in, long length) throws IOException {
    requireLittleEndian();
    SafetensorsHeader header = readHeader(source, in, length);
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (SafetensorsHeader.Entry entry : header.entries()) {
      ByteBuffer data =
          ByteBuffer.allocateDirect((int) entry.bytes()).order(ByteOrder.nativeOrder());
      while (data.hasRemaining()) {
        int count = in.readNBytes(chunk, 0, Math.min(chunk.length, data.remaining()));
        if (count == 0) {
          throw damaged(source, "ends inside tensor " + entry.name());
        }
        data.put(chunk, 0, count);
      }
      tensors.put(
          entry.name(), new NamedTensor(entry.name(), entry.type(), entry.shape(), data.flip()));
    }
    if (in.read() >= 0) {
      throw damaged(source, "has bytes after the last tensor");
    }
    return new TensorFile(header.metadata(), tensors);
  }

  private static SafetensorsHeader readHeader(String source, InputStream in, long length)
      throws IOException {
    byte[] prefix = in.readNBytes(PREFIX_BYTES);
    if (prefix.length < PREFIX_BYTES) {
      throw damaged(source, "is only %d bytes long".formatted(prefix.length));
    }
    long headerLength = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerLength < 2 || headerLength > MAX_HEADER_BYTES) {
      throw damaged(source, "claims a header of " + Long.toUnsignedString(headerLength) + " bytes");
    }
    if (headerLength > length - PREFIX_BYTES) {
      throw damaged(
          source, "ends inside its header (%d bytes, file has %d)".formatted(headerLength, length));
    }
    byte[] header = in.readNBytes((int) headerLength);
    if (header.length < headerLength) {
      throw damaged(source, "ends inside its header");
    }
    return SafetensorsHeader.decode(source, header, length - PREFIX_BYTES - headerLength);
  }

  static InputException damaged(String source, String problem) {
    return damaged(source, problem, null);
  }

  static InputException damaged(String source, String problem, Throwable cause) {
    return new InputException(
        "%s is not a safetensors file: it %s".formatted(source, problem),
        "Copy or export the weights again, or name another file.",
        cause);
  }

  // Tensors are views of native memory and the format is little-endian, like every supported CPU.
  private static void requireLittleEndian() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalStateException("safetensors files need a little-endian machine");
    }
  }
}
