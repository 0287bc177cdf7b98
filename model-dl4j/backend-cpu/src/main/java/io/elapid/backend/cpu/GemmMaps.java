package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Maps {@code (batch, channels, positions)} as a matrix of one row per channel whose columns are
 * the positions of all samples one after the other.
 *
 * <p>Columns are copied in runs, the pieces of a panel that belong to one sample.
 */
record GemmMaps(ByteBuffer memory, int batch, int channels, int positions)
    implements GemmProduct.Columns {

  int columns() {
    return batch * positions;
  }

  /** Index of column {@code n} in the first channel. */
  int start(int n) {
    return n / positions * channels * positions + n % positions;
  }

  /** Columns from {@code n} on that lie side by side. */
  int run(int n) {
    return positions - n % positions;
  }

  @Override
  public void pack(int first, int count, int width, float[] panel) {
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      int start = start(first + done);
      if (run == PANEL) {
        wide(memory, start, positions, channels, panel);
      } else {
        run(start, run, panel, done, width);
      }
      done += run;
    }
  }

  /** A run in pieces of a register, later runs overwriting what is too much of the last. */
  private void run(int start, int run, float[] panel, int to, int width) {
    int limit = memory.capacity() / Float.BYTES - (channels - 1) * positions - WIDTH;
    for (int i = 0; i < run; i += WIDTH) {
      if (start + i <= limit && to + i + WIDTH <= width) {
        piece(memory, start + i, positions, channels, panel, to + i, width);
      } else if (run >= WIDTH) {
        int last = run - WIDTH;
        piece(memory, start + last, positions, channels, panel, to + last, width);
      } else {
        narrow(start + i, run - i, panel, to + i, width);
      }
    }
  }

  private static void wide(ByteBuffer from, int start, int step, int rows, float[] panel) {
    for (int k = 0; k < rows; k++) {
      int i = start + k * step;
      int j = k * PANEL;
      Lanes.load(from, i).intoArray(panel, j);
      Lanes.load(from, i + WIDTH).intoArray(panel, j + WIDTH);
      Lanes.load(from, i + 2 * WIDTH).intoArray(panel, j + 2 * WIDTH);
    }
  }

  private static void piece(
      ByteBuffer from, int start, int step, int rows, float[] panel, int to, int width) {
    for (int k = 0; k < rows; k++) {
      Lanes.load(from, start + k * step).intoArray(panel, to + k * width);
    }
  }

  private void narrow(int start, int run, float[] panel, int to, int width) {
    for (int k = 0; k < channels; k++) {
      for (int i = 0; i < run; i++) {
        panel[to + k * width + i] = Lanes.get(memory, start + k * positions + i);
      }
    }
  }

  /** Writes a tile of rows {@code row} and following. */
  void store(float[] tile, int row, int rows, int first, int count) {
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      int start = start(first + done) + row * positions;
      for (int r = 0; r < rows; r++) {
        store(tile, r * PANEL + done, run, memory, start + r * positions);
      }
      done += run;
    }
  }

  private static void store(float[] tile, int from, int run, ByteBuffer to, int start) {
    int i = 0;
    for (; i <= run - WIDTH; i += WIDTH) {
      Lanes.store(FloatVector.fromArray(SPECIES, tile, from + i), to, start + i);
    }
    if (i < run && run >= WIDTH) {
      int last = run - WIDTH;
      Lanes.store(FloatVector.fromArray(SPECIES, tile, from + last), to, start + last);
    } else {
      for (; i < run; i++) {
        Lanes.put(to, start + i, tile[from + i]);
      }
    }
  }

  /** Copies columns {@code first} to {@code first + count} of a channel. */
  void row(int channel, int first, int count, float[] to, int end) {
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      copy(memory, start(first + done) + channel * positions, run, to, end + done);
      done += run;
    }
  }

  private static void copy(ByteBuffer from, int start, int run, float[] to, int end) {
    int i = 0;
    for (; i <= run - WIDTH; i += WIDTH) {
      Lanes.load(from, start + i).intoArray(to, end + i);
    }
    if (i < run && run >= WIDTH) {
      Lanes.load(from, start + run - WIDTH).intoArray(to, end + run - WIDTH);
    } else {
      for (; i < run; i++) {
        to[end + i] = Lanes.get(from, start + i);
      }
    }
  }
}
