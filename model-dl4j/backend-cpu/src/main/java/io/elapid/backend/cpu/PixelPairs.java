package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Turns rows of channels into registers of pixels and back. Two neighbouring pixels of a channel
 * are copied as one long number, those of even channels to one register and those of odd channels
 * to another, and shifts exchange their halves: half as many copies as there are numbers, and no
 * exchange of lanes otherwise. Not for several threads at once.
 */
final class PixelPairs {
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final int HALF = WIDTH / 2;
  private static final VectorMask<Float> ODD = odd();

  /** Pixels that are turned together, in the nearest cache. */
  private static final int TILE = 128;

  private final long[] pairs = new long[TILE / 2 * WIDTH];

  private static VectorMask<Float> odd() {
    long odd = 0;
    for (int lane = 1; lane < WIDTH; lane += 2) {
      odd |= 1L << lane;
    }
    return VectorMask.fromLong(SPECIES, odd);
  }

  /**
   * Fills registers from {@code to} on with the channels of one pixel each; lanes without a channel
   * are set to zero.
   */
  void gather(ByteBuffer map, int start, int pixels, int lanes, float[] panel, int to) {
    if (lanes < WIDTH) {
      Arrays.fill(pairs, 0);
    }
    int even = pixels / 2 * 2;
    for (int p = 0; p < even; p += TILE) {
      int count = Math.min(TILE, even - p) / 2;
      for (int c = 0; c < lanes; c++) {
        read(map, (start + c * pixels + p) * Float.BYTES, pairs, place(c), count);
      }
      turn(pairs, panel, to + p * WIDTH, count);
    }
    if (even < pixels) {
      int last = to + even * WIDTH;
      Arrays.fill(panel, last, last + WIDTH, 0);
      for (int c = 0; c < lanes; c++) {
        panel[last + c] = Lanes.get(map, start + c * pixels + even);
      }
    }
  }

  /** Writes the channels of registers to the map. */
  void scatter(float[] panel, int from, ByteBuffer map, int start, int pixels, int lanes) {
    int even = pixels / 2 * 2;
    for (int p = 0; p < even; p += TILE) {
      int count = Math.min(TILE, even - p) / 2;
      turnBack(panel, from + p * WIDTH, pairs, count);
      for (int c = 0; c < lanes; c++) {
        write(pairs, place(c), map, (start + c * pixels + p) * Float.BYTES, count);
      }
    }
    if (even < pixels) {
      for (int c = 0; c < lanes; c++) {
        Lanes.put(map, start + c * pixels + even, panel[from + even * WIDTH + c]);
      }
    }
  }

  /** Where the first pair of a channel lies. */
  private static int place(int channel) {
    return channel % 2 * HALF + channel / 2;
  }

  private static void read(ByteBuffer map, int start, long[] pairs, int place, int count) {
    for (int k = 0; k < count; k++) {
      pairs[place + k * WIDTH] = map.getLong(start + k * Long.BYTES);
    }
  }

  private static void write(long[] pairs, int place, ByteBuffer map, int start, int count) {
    for (int k = 0; k < count; k++) {
      map.putLong(start + k * Long.BYTES, pairs[place + k * WIDTH]);
    }
  }

  private static void turn(long[] pairs, float[] panel, int to, int count) {
    for (int k = 0; k < count; k++) {
      LongVector even = LongVector.fromArray(LONGS, pairs, k * WIDTH);
      LongVector odd = LongVector.fromArray(LONGS, pairs, k * WIDTH + HALF);
      even.reinterpretAsFloats()
          .blend(odd.lanewise(VectorOperators.LSHL, Float.SIZE).reinterpretAsFloats(), ODD)
          .intoArray(panel, to + 2 * k * WIDTH);
      even.lanewise(VectorOperators.LSHR, Float.SIZE)
          .reinterpretAsFloats()
          .blend(odd.reinterpretAsFloats(), ODD)
          .intoArray(panel, to + 2 * k * WIDTH + WIDTH);
    }
  }

  private static void turnBack(float[] panel, int from, long[] pairs, int count) {
    for (int k = 0; k < count; k++) {
      FloatVector first = FloatVector.fromArray(SPECIES, panel, from + 2 * k * WIDTH);
      FloatVector second = FloatVector.fromArray(SPECIES, panel, from + 2 * k * WIDTH + WIDTH);
      LongVector shifted = second.reinterpretAsLongs().lanewise(VectorOperators.LSHL, Float.SIZE);
      first
          .blend(shifted.reinterpretAsFloats(), ODD)
          .reinterpretAsLongs()
          .intoArray(pairs, k * WIDTH);
      first
          .reinterpretAsLongs()
          .lanewise(VectorOperators.LSHR, Float.SIZE)
          .reinterpretAsFloats()
          .blend(second, ODD)
          .reinterpretAsLongs()
          .intoArray(pairs, k * WIDTH + HALF);
    }
  }
}
