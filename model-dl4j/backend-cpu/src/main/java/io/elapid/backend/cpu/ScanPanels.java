package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Moves a block of channels between a map, whose rows are positions, and a panel, in which the
 * channels of a position fill a register. Not for several threads at once.
 */
final class ScanPanels {
  /** Numbers in a line of the cache. */
  private static final int LINE = 16;

  /** Keeps reads from being left out that nobody else needs. */
  private int touched;

  private final PixelPairs pairs = new PixelPairs();

  /** A chunk of steps whose channels do not fill a register. */
  final ByteBuffer rows = rows();

  /**
   * Brings {@code count} rows into the cache that are about to be read or written in small pieces:
   * pieces that miss the cache one at a time would each wait for memory.
   */
  void touch(ByteBuffer memory, int start, int stride, int length, int count) {
    int seen = 0;
    for (int row = 0; row < count; row++) {
      int first = start + row * stride;
      for (int i = first; i < first + length; i += LINE) {
        seen ^= memory.getInt(i << 2);
      }
      seen ^= memory.getInt((first + length - 1) << 2);
    }
    touched = seen;
  }

  private static ByteBuffer rows() {
    int bytes = ScanGeometry.CHUNK * WIDTH * Float.BYTES;
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Fills a panel from {@code to} on; lanes without a channel, and the register for padding behind
   * the last position, are set to zero.
   */
  void gather(ByteBuffer map, int start, int positions, int lanes, float[] panel, int to) {
    touch(map, start, positions * lanes, positions * lanes, 1);
    pairs.gather(map, start, positions, lanes, panel, to);
    Arrays.fill(panel, to + positions * WIDTH, to + (positions + 1) * WIDTH, 0);
  }

  /** Writes a panel's channels to the map. */
  void scatter(float[] panel, int from, ByteBuffer map, int start, int positions, int lanes) {
    pairs.scatter(panel, from, map, start, positions, lanes);
  }

  /**
   * What step sizes of a block's chunk are made of that starts at step {@code step}; see {@link
   * ScanMath}. Their records begin at {@code first}.
   */
  void sizes(
      Inputs in,
      ScanTables tables,
      int step,
      int block,
      int row,
      float[] steps,
      int first,
      int count) {
    ByteBuffer from = in.delta().bytes();
    int start = step * tables.channels + block * WIDTH;
    int stride = tables.channels;
    if (tables.lanes(block) < WIDTH) {
      few(from, start, stride, tables.lanes(block), count);
      from = rows;
      start = 0;
      stride = WIDTH;
    }
    switch (in.rule()) {
      case SOFTPLUS ->
          ScanMath.softplus(from, start, stride, tables.bias, row, steps, first, count);
      case IDENTITY ->
          ScanMath.identity(from, start, stride, tables.bias, row, steps, first, count);
    }
  }

  /**
   * Fills {@link #rows} from {@code count} rows of few values, {@code stride} apart; other lanes
   * are set to zero.
   */
  void few(ByteBuffer from, int start, int stride, int lanes, int count) {
    VectorMask<Float> used = VectorMask.fromLong(Lanes.SPECIES, (1L << lanes) - 1);
    int last = Math.floorDiv(from.capacity() / Float.BYTES - WIDTH - start, stride);
    int whole = Math.max(0, Math.min(count, last + 1));
    for (int i = 0; i < whole; i++) {
      Lanes.store(Lanes.zero().blend(Lanes.load(from, start + i * stride), used), rows, i * WIDTH);
    }
    for (int i = whole; i < count; i++) {
      for (int c = 0; c < WIDTH; c++) {
        float value = c < lanes ? Lanes.get(from, start + i * stride + c) : 0;
        Lanes.put(rows, i * WIDTH + c, value);
      }
    }
  }

  /** The reverse of {@link #few}. */
  void putFew(ByteBuffer to, int start, int stride, int lanes, int count) {
    // Where rows are no longer than this, what a register writes too much the next one overwrites.
    int whole = lanes == stride ? overwritten(lanes, count) : 0;
    for (int i = 0; i < whole; i++) {
      Lanes.store(Lanes.load(rows, i * WIDTH), to, start + i * stride);
    }
    for (int i = whole; i < count; i++) {
      for (int c = 0; c < lanes; c++) {
        Lanes.put(to, start + i * stride + c, Lanes.get(rows, i * WIDTH + c));
      }
    }
  }

  /** How many of {@code count} rows can be written as registers without reaching past the last. */
  private static int overwritten(int lanes, int count) {
    return Math.max(0, Math.floorDiv(count * lanes - WIDTH, lanes) + 1);
  }

  /** Copies {@code count} rows of {@code lanes} values, {@code stride} apart, to registers. */
  static void load(
      ByteBuffer from, int start, int stride, int lanes, int count, float[] to, int first) {
    if (lanes < WIDTH) {
      Arrays.fill(to, first, first + count * WIDTH, 0);
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < lanes; c++) {
          to[first + i * WIDTH + c] = Lanes.get(from, start + i * stride + c);
        }
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Lanes.load(from, start + i * stride).intoArray(to, first + i * WIDTH);
    }
  }

  /** Copies registers to {@code count} rows of {@code lanes} values, {@code stride} apart. */
  static void store(
      float[] from, int first, ByteBuffer to, int start, int stride, int lanes, int count) {
    if (lanes < WIDTH) {
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < lanes; c++) {
          Lanes.put(to, start + i * stride + c, from[first + i * WIDTH + c]);
        }
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Lanes.store(
          FloatVector.fromArray(Lanes.SPECIES, from, first + i * WIDTH), to, start + i * stride);
    }
  }
}
