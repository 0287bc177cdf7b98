package io.elapid.collective;

import java.nio.ByteBuffer;

/**
 * The largest values, exactly, and where they are; of equals the first ones.
 *
 * <pre>per value that is sent: int index, float value; indices rise</pre>
 *
 * @param share of the values that is sent, rounded up to a whole number of them
 */
public record TopK(double share) implements Compression {
  private static final int ENTRY = Integer.BYTES + Float.BYTES;
  private static final int BINS = 1 << 16;

  public TopK {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a share of " + share);
    }
  }

  @Override
  public byte[] encode(float[] values) {
    Compression.largest(values);
    int count = (int) Math.min(values.length, Math.ceil(share * values.length));
    if (count == 0) {
      return new byte[0];
    }
    int least = leastOf(count, values);
    int above = 0;
    for (float value : values) {
      above += bits(value) > least ? 1 : 0;
    }
    int equals = count - above;
    ByteBuffer message = ByteBuffer.allocate(count * ENTRY);
    for (int i = 0; i < values.length; i++) {
      int bits = bits(values[i]);
      if (bits > least || (bits == least && equals-- > 0)) {
        message.putInt(i).putFloat(values[i]);
        values[i] = 0;
      }
    }
    return message.array();
  }

  /** Magnitudes compare like their bits. */
  private static int bits(float value) {
    return Float.floatToRawIntBits(value) & 0x7fffffff;
  }

  /** The magnitude, as bits, of the {@code count}-th largest value: upper half, then lower half. */
  private static int leastOf(int count, float[] values) {
    int[] bins = new int[BINS];
    for (float value : values) {
      bins[bits(value) >>> 16]++;
    }
    int upper = BINS - 1;
    int missing = count;
    while (bins[upper] < missing) {
      missing -= bins[upper--];
    }
    int[] fine = new int[BINS];
    for (float value : values) {
      if (bits(value) >>> 16 == upper) {
        fine[bits(value) & 0xffff]++;
      }
    }
    int lower = BINS - 1;
    while (fine[lower] < missing) {
      missing -= fine[lower--];
    }
    return upper << 16 | lower;
  }

  @Override
  public void addDecoded(byte[] message, float[] sum) {
    ByteBuffer in = Compression.require(message.length % ENTRY == 0, message, sum);
    int before = -1;
    while (in.hasRemaining()) {
      int index = in.getInt();
      Compression.require(index > before && index < sum.length, message, sum);
      sum[index] += in.getFloat();
      before = index;
    }
  }
}
