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
  BFLOAT16(Short.BYTES, "_bfloat16") {
    @Override
    int narrow(int bits) {
      boolean number = (bits & Halves.MAGNITUDE) <= Halves.INFINITY;
      int rounded = bits + 0x7fff + (bits >>> 16 & 1);
      return (number ? rounded : bits | Halves.QUIET) >>> 16;
    }

    @Override
    int widen(int half) {
      return half << 16;
    }
  },
  /**
   * Eleven bits of precision, up to 65504, and steps of 6e-8 near 0, which many derivatives do not
   * reach: for evaluation.
   */
  FLOAT16(Short.BYTES, "_float16") {
    @Override
    int narrow(int bits) {
      int magnitude = bits & Halves.MAGNITUDE;
      int half;
      if (magnitude > Halves.INFINITY) {
        half = Halves.NO_NUMBER_16;
      } else if (magnitude >= Halves.ABOVE_16) {
        half = Halves.INFINITY_16;
      } else if (magnitude < Halves.NORMAL_16) {
        float shifted = Float.intBitsToFloat(magnitude) + Float.intBitsToFloat(Halves.UNIT_16);
        half = Float.floatToRawIntBits(shifted) - Halves.UNIT_16;
      } else {
        half = magnitude - Halves.REBIAS_16 + 0xfff + (magnitude >>> 13 & 1) >>> 13;
      }
      return half | bits >>> 16 & 0x8000;
    }

    @Override
    int widen(int half) {
      int digits = (half & 0x7fff) << 13;
      int bits = Float.floatToRawIntBits(Float.intBitsToFloat(digits) * Halves.SCALE_16);
      return (digits >= Halves.INFINITY_16 << 13 ? bits | Halves.INFINITY : bits)
          | (half & 0x8000) << 16;
    }
  };

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

  /** Bits of the nearest number of 16 bits, ties to even, of those of a float. */
  int narrow(int bits) {
    throw new UnsupportedOperationException(this + " has no 16 bits");
  }

  /** The other way, exactly. */
  int widen(int half) {
    throw new UnsupportedOperationException(this + " has no 16 bits");
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
