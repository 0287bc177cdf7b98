package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A sum over ranks of compressed vectors. Every rank encodes its vector for the owners of the
 * segments; an owner adds what it is sent in rank order, encodes the sum, and sends it to all; all
 * decode the same message. Sender and owner each keep what their messages leave out for the next
 * time.
 *
 * <p>The result is the same on all ranks and for every repetition, but does depend on the number of
 * ranks. What is left out begins at zero: it belongs to a rank of a group of a given size, and so
 * is not kept over a restart.
 */
public final class CompressedSum {
  /** Floats that are encoded at a time, so that messages stay below the largest frame. */
  private static final int BLOCK = 1 << 22;

  private final Collective collective;
  private final Compression compression;
  private final int length;
  private final ByteBuffer ownRest;
  private final ByteBuffer sumRest;

  /** A sum of vectors of {@code length} floats. */
  public CompressedSum(Collective collective, Compression compression, int length) {
    this.collective = collective;
    this.compression = compression;
    this.length = length;
    this.ownRest = floats(length);
    this.sumRest = floats(length);
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Sums the first {@code length} floats of the ranks' vectors.
   *
   * @param result receives them in its first places; may be the vector itself
   * @throws ArithmeticException if a value is not finite
   */
  public void sum(ByteBuffer vector, ByteBuffer result) {
    ByteBuffer in = vector.duplicate().clear().order(ByteOrder.nativeOrder());
    ByteBuffer out = result.duplicate().clear().order(ByteOrder.nativeOrder());
    for (int from = 0; from < length; from += BLOCK) {
      sum(in, out, from, Math.min(BLOCK, length - from));
    }
  }

  private void sum(ByteBuffer vector, ByteBuffer result, int from, int count) {
    int ranks = collective.size();
    List<byte[]> parts = new ArrayList<>();
    for (int owner = 0; owner < ranks; owner++) {
      int start = start(from, count, owner);
      float[] values = read(vector, start, start(from, count, owner + 1));
      add(values, ownRest, start);
      parts.add(compression.encode(values));
      write(values, ownRest, start);
    }
    List<byte[]> mine = collective.exchange(parts);
    int start = start(from, count, collective.rank());
    float[] total = new float[start(from, count, collective.rank() + 1) - start];
    for (int rank = 0; rank < ranks; rank++) {
      addDecoded(mine.get(rank), total, rank);
    }
    add(total, sumRest, start);
    byte[] encoded = compression.encode(total);
    write(total, sumRest, start);
    List<byte[]> sums = collective.allGather(encoded);
    for (int owner = 0; owner < ranks; owner++) {
      int at = start(from, count, owner);
      float[] decoded = new float[start(from, count, owner + 1) - at];
      addDecoded(sums.get(owner), decoded, owner);
      write(decoded, result, at);
    }
  }

  private int start(int from, int count, int owner) {
    return from + (int) ((long) count * owner / collective.size());
  }

  private void addDecoded(byte[] message, float[] sum, int rank) {
    try {
      compression.addDecoded(message, sum);
    } catch (IllegalArgumentException e) {
      String reason = "rank " + rank + " sent what cannot be decoded: " + e.getMessage();
      collective.abort(reason);
      throw new CollectiveException(reason, e);
    }
  }

  private static float[] read(ByteBuffer floats, int from, int to) {
    float[] values = new float[to - from];
    floats.asFloatBuffer().get(from, values);
    return values;
  }

  private static void write(float[] values, ByteBuffer floats, int from) {
    floats.asFloatBuffer().put(from, values);
  }

  private static void add(float[] values, ByteBuffer rest, int from) {
    FloatBlocks.add(values, read(rest, from, from + values.length), values.length);
  }
}
