package io.elapid.backend.cuda;

import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/**
 * What scans keep their tensors as in the memory of the device, and on the way there and back:
 * maps, step sizes, {@code b} and {@code c}, and the derivatives of these. Everything else, and
 * what is computed with, are floats: states, rates, skips, biases, parts of sums. See {@code
 * storage.cuh}.
 */
enum Storage {
  /** As they are. */
  FLOAT32(Float.BYTES, ""),
  /** The range of floats, eight bits of precision. */
  BFLOAT16(Short.BYTES, "_bfloat16"),
  /**
   * Eleven bits of precision, up to 65504, and steps of 6e-8 near 0, which many derivatives do not
   * reach: for evaluation.
   */
  FLOAT16(Short.BYTES, "_float16");

  private final int bytes;
  private final String suffix;

  Storage(int bytes, String suffix) {
    this.bytes = bytes;
    this.suffix = suffix;
  }

  /**
   * What {@link Accelerator#STORAGE} names; {@code float32} where it is not set.
   *
   * @throws InputException if that is no kind
   */
  static Storage ofProcess() {
    String text = System.getProperty(Accelerator.STORAGE, FLOAT32.toString());
    return Arrays.stream(values())
        .filter(storage -> storage.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "GPUs keep nothing as '%s', which %s is".formatted(text, Accelerator.STORAGE),
                    "the kinds are: " + Arrays.toString(values())));
  }

  /** Bytes of an element. */
  int bytes() {
    return bytes;
  }

  /** What so many bytes of floats take. */
  int ofFloats(int floatBytes) {
    return (int) ((long) floatBytes * bytes / Float.BYTES);
  }

  /** The file, or the entry, of this kind of storage. */
  String named(String kernel) {
    return kernel + suffix;
  }

  /** Fills {@code to} with what is stored of {@code bytes} bytes of floats from {@code at} on. */
  void put(ByteBuffer floats, int at, int bytes, ByteBuffer to) {
    if (this == FLOAT32) {
      to.put(0, floats, at, bytes);
    } else {
      Halves.of(this).narrow(floats, at, bytes, to);
    }
  }

  /** The other way. */
  void get(ByteBuffer from, ByteBuffer floats, int at, int bytes) {
    if (this == FLOAT32) {
      floats.put(at, from, 0, bytes);
    } else {
      Halves.of(this).widen(from, floats, at, bytes);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
