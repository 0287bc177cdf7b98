package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Tensor;

/**
 * Where a channel's values lie: {@code length} in a row for each of {@code batch} samples, {@code
 * step} apart; a row is {@code registers} whole registers and a rest.
 */
record ChannelRows(int start, int step, int batch, int length, int registers) {
  /** Sums run in float over about this many values, then go on in double. */
  private static final int CHUNK = 4096;

  static ChannelRows of(Tensor x, int channel) {
    int length = x.sizeFrom(2);
    return new ChannelRows(channel * length, x.dim(1) * length, x.dim(0), length, length / WIDTH);
  }

  int values() {
    return batch * length;
  }

  int chunk() {
    return Math.max(1, CHUNK / length);
  }

  /** From the end of a row's last whole register to the start of the next row. */
  int gap() {
    return step - registers * WIDTH;
  }

  int row(int sample) {
    return start + sample * step;
  }

  /** Index of a row's first value beyond its whole registers. */
  int rest(int sample) {
    return row(sample) + registers * WIDTH;
  }
}
