package io.elapid.collective;

import java.nio.ByteBuffer;

/**
 * Half the bits of every value: IEEE 754 binary16, after scaling by a power of two that brings the
 * largest value near the top of that format's range.
 *
 * <pre>int exponent of the scale, then per value: short</pre>
 */
public record HalfPrecision() implements Compression {
  /** Where the largest magnitude goes: below 2^15. */
  private static final int TOP = 14;

  private static final int MIN_EXPONENT = -126;
  private static final int MAX_EXPONENT = 127;

  @Override
  public byte[] encode(float[] values) {
    float largest = Compression.largest(values);
    int exponent =
        largest == 0
            ? 0
            : Math.min(MAX_EXPONENT, Math.max(MIN_EXPONENT, TOP - Math.getExponent(largest)));
    float scale = Math.scalb(1f, exponent);
    ByteBuffer message = ByteBuffer.allocate(Integer.BYTES + values.length * Short.BYTES);
    message.putInt(exponent);
    for (int i = 0; i < values.length; i++) {
      short half = toHalf(values[i] * scale);
      message.putShort(half);
      values[i] -= toFloat(half) / scale;
    }
    return message.array();
  }

  @Override
  public void addDecoded(byte[] message, float[] sum) {
    ByteBuffer in =
        Compression.require(
            message.length == Integer.BYTES + sum.length * Short.BYTES, message, sum);
    int exponent = in.getInt();
    Compression.require(exponent >= MIN_EXPONENT && exponent <= MAX_EXPONENT, message, sum);
    float scale = Math.scalb(1f, exponent);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += toFloat(in.getShort()) / scale;
    }
  }

  /** The nearest half, ties to even; the argument is finite and below 2^16 in magnitude. */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude < 0x38800000) {
      // Subnormal: in units of 2^-24, which is what rounding a float to an integer counts.
      return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
    }
    int rebiased = magnitude - (112 << 23);
    int half = rebiased >>> 13;
    int rest = rebiased & 0x1fff;
    if (rest > 0x1000 || (rest == 0x1000 && (half & 1) == 1)) {
      half++;
    }
    return (short) (sign | half);
  }

  static float toFloat(short half) {
    int exponent = half >>> 10 & 0x1f;
    int mantissa = half & 0x3ff;
    float magnitude =
        exponent == 0
            ? mantissa * 0x1p-24f
            : Float.intBitsToFloat((exponent + 112) << 23 | mantissa << 13);
    return half < 0 ? -magnitude : magnitude;
  }
}
