package io.elapid.collective;

import java.nio.ByteBuffer;

/**
 * A way to send a vector in fewer bytes than it has. What is not sent stays with the sender and is
 * added to the next vector (error feedback), so that nothing is lost, only late.
 *
 * <p>A pure function: the same values give the same message and the same rest.
 */
public sealed interface Compression permits HalfPrecision, TopK, Threshold {

  /**
   * Encodes all values and leaves in their place what the message does not say: message and rest
   * add up to the values, to the rounding of one addition.
   *
   * @throws ArithmeticException if a value is NaN or infinite, naming its index
   */
  byte[] encode(float[] values);

  /**
   * Adds what a message says.
   *
   * @param sum as many values as were encoded
   * @throws IllegalArgumentException if no such number of values gives this message
   */
  void addDecoded(byte[] message, float[] sum);

  /** The largest magnitude; refuses what is not finite. */
  static float largest(float[] values) {
    float largest = 0;
    for (int i = 0; i < values.length; i++) {
      float magnitude = Math.abs(values[i]);
      if (!(magnitude <= Float.MAX_VALUE)) {
        throw new ArithmeticException("element " + i + " is " + values[i]);
      }
      largest = Math.max(largest, magnitude);
    }
    return largest;
  }

  /** The message as a buffer, if it has that many bytes. */
  static ByteBuffer require(boolean fitting, byte[] message, float[] values) {
    if (!fitting) {
      throw new IllegalArgumentException(
          "a message of %d bytes for %d values".formatted(message.length, values.length));
    }
    return ByteBuffer.wrap(message);
  }
}
