package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A sum over ranks of compressed vectors. Every rank encodes its vector for the owners of the
 * segments; an owner adds what it is sent in rank order, encodes the sum, and sends it to all; all
 * decode the same message. Sender and owner each keep what their messages leave out for the next
 * time.
 *
 * <p>The result is the same on all ranks and for every repetition, but does depend on the number of
 * ranks. What is left out begins at zero, or at what {@link #leftOut} has brought together of an
 * earlier group.
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

  /**
   * All that has been left out so far, for saving; every rank calls it at the same point.
   *
   * @return at rank 0 the rests of all ranks; at the others nothing
   */
  public Optional<LeftOut> leftOut() {
    int ranks = collective.size();
    LeftOut all = collective.rank() == 0 ? LeftOut.none(ranks, length) : null;
    for (int from = 0; from < length; from += BLOCK) {
      int count = Math.min(BLOCK, length - from);
      int mine = collective.rank();
      byte[] own = bytes(ownRest, from, from + count);
      byte[] sums = bytes(sumRest, start(from, count, mine), start(from, count, mine + 1));
      List<byte[]> owns = collective.exchange(toFirst(own));
      List<byte[]> parts = collective.exchange(toFirst(sums));
      for (int rank = 0; all != null && rank < ranks; rank++) {
        all.ofRanks().get(rank).put(from * Float.BYTES, owns.get(rank));
        all.ofSums().put(start(from, count, rank) * Float.BYTES, parts.get(rank));
      }
    }
    return Optional.ofNullable(all);
  }

  private List<byte[]> toFirst(byte[] message) {
    List<byte[]> messages = new ArrayList<>(Collections.nCopies(collective.size(), new byte[0]));
    messages.set(0, message);
    return messages;
  }

  private static byte[] bytes(ByteBuffer floats, int from, int to) {
    byte[] bytes = new byte[(to - from) * Float.BYTES];
    floats.get(from * Float.BYTES, bytes);
    return bytes;
  }

  /**
   * Goes on from what an earlier group has left out. Where that had another number of ranks, each
   * rank takes over the rests of those whose number is its own modulo the number of ranks.
   *
   * @throws IllegalArgumentException if those were vectors of another length
   */
  public void resume(LeftOut earlier) {
    requireLength(earlier.ofSums());
    sumRest.put(0, earlier.ofSums(), 0, length * Float.BYTES);
    write(new float[length], ownRest, 0);
    for (int rank = 0; rank < earlier.ofRanks().size(); rank++) {
      requireLength(earlier.ofRanks().get(rank));
      if (rank % collective.size() == collective.rank()) {
        float[] rest = read(earlier.ofRanks().get(rank), 0, length);
        if (rank >= collective.size()) {
          add(rest, ownRest, 0);
        }
        write(rest, ownRest, 0);
      }
    }
  }

  private void requireLength(ByteBuffer floats) {
    if (floats.capacity() != length * Float.BYTES) {
      throw new IllegalArgumentException(
          "rests of %d values, not of %d".formatted(floats.capacity() / Float.BYTES, length));
    }
  }

  static ByteBuffer floats(int count) {
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
    floats.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer().get(from, values);
    return values;
  }

  private static void write(float[] values, ByteBuffer floats, int from) {
    floats.asFloatBuffer().put(from, values);
  }

  private static void add(float[] values, ByteBuffer rest, int from) {
    FloatBlocks.add(values, read(rest, from, from + values.length), values.length);
  }
}
