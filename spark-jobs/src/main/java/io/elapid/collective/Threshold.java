package io.elapid.collective;

import java.nio.ByteBuffer;

/**
 * Of every value as many whole steps as it has: nothing of what is smaller than one (Strom 2015;
 * the scheme that DL4J made known, which sends one step at a time). Sent as indices, or as a byte
 * per value where that is shorter.
 *
 * <pre>
 * byte 0, then per step: int index i, or -i - 1 for a step down; repeated for further steps
 * byte 1, then per value: byte, its number of steps
 * </pre>
 *
 * @param step least magnitude that is sent
 */
public record Threshold(float step) implements Compression {
  private static final byte INDICES = 0;
  private static final byte BYTES = 1;

  public Threshold {
    if (!(step > 0 && step <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("a threshold of " + step);
    }
  }

  @Override
  public byte[] encode(float[] values) {
    Compression.largest(values);
    long all = 0;
    for (float value : values) {
      all += Math.abs(steps(value));
    }
    boolean sparse = all * Integer.BYTES <= values.length;
    int bytes = sparse ? (int) all * Integer.BYTES : values.length;
    ByteBuffer message = ByteBuffer.allocate(1 + bytes).put(sparse ? INDICES : BYTES);
    for (int i = 0; i < values.length; i++) {
      int steps = steps(values[i]);
      values[i] -= steps * step;
      if (!sparse) {
        message.put((byte) steps);
      }
      for (int n = sparse ? Math.abs(steps) : 0; n > 0; n--) {
        message.putInt(steps > 0 ? i : -i - 1);
      }
    }
    return message.array();
  }

  private int steps(float value) {
    return Math.max(-Byte.MAX_VALUE, Math.min(Byte.MAX_VALUE, (int) (value / step)));
  }

  @Override
  public void addDecoded(byte[] message, float[] sum) {
    Compression.require(message.length >= 1, message, sum);
    switch (message[0]) {
      case INDICES -> addIndices(message, sum);
      case BYTES -> addBytes(message, sum);
      default -> Compression.require(false, message, sum);
    }
  }

  private void addIndices(byte[] message, float[] sum) {
    ByteBuffer in = Compression.require(message.length % Integer.BYTES == 1, message, sum);
    in.get();
    int code = in.hasRemaining() ? in.getInt() : 0;
    for (int entries = message.length / Integer.BYTES; entries > 0; ) {
      int current = code;
      int index = current >= 0 ? current : -(current + 1);
      Compression.require(index < sum.length, message, sum);
      int steps = 0;
      while (entries > 0 && code == current) {
        steps++;
        entries--;
        code = entries > 0 ? in.getInt() : 0;
      }
      sum[index] += (current >= 0 ? steps : -steps) * step;
    }
  }

  private void addBytes(byte[] message, float[] sum) {
    Compression.require(message.length == 1 + sum.length, message, sum);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += message[1 + i] * step;
    }
  }
}
