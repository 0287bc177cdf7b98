package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * Where channels' values lie: {@code length} in a row for each of {@code batch} samples and {@code
 * channels}.
 */
record ChannelRows(int batch, int channels, int length) {
  /** Sums run in float over about this many values, then go on in double. */
  private static final int CHUNK = 4096;

  /** Bytes that stay in a core's cache from one pass over them to the next. */
  private static final long CACHE = 384 << 10;

  static ChannelRows of(Tensor x) {
    return new ChannelRows(x.dim(0), x.dim(1), x.sizeFrom(2));
  }

  int values() {
    return batch * length;
  }

  int row(int sample, int channel) {
    return (sample * channels + channel) * length;
  }

  /** Samples whose sums run in float. */
  int chunk() {
    return Math.max(1, CHUNK / length);
  }

  /**
   * Deals out neighbouring channels of a number of tensors, as many at a time as stay in the cache:
   * a sample's part of them is one run of memory.
   */
  void forEachGroup(Workers workers, int tensors, Workers.Range body) {
    long bytes = (long) tensors * values() * Float.BYTES;
    int group = (int) Math.max(1, CACHE / bytes);
    workers.forEach(
        channels,
        values(),
        (from, to) -> {
          for (int c = from; c < to; c += group) {
            body.run(c, Math.min(to, c + group));
          }
        });
  }

  boolean isShorterThanRegister() {
    return length < WIDTH;
  }

  /** These rows with a channel's samples behind one another. */
  ChannelRows joined() {
    return new ChannelRows(1, channels, batch * length);
  }

  /** Memory for {@link #joined()} rows. */
  Tensor joinedZeros() {
    return Tensor.zeros(ElementType.FLOAT, 1, channels, (long) batch * length);
  }

  /** A copy with a channel's samples behind one another. */
  Tensor join(Tensor x) {
    Tensor joined = joinedZeros();
    int next = 0;
    for (int c = 0; c < channels; c++) {
      for (int b = 0; b < batch; b++) {
        for (int i = row(b, c); i < row(b, c) + length; i++) {
          Lanes.put(joined.bytes(), next++, Lanes.get(x.bytes(), i));
        }
      }
    }
    return joined;
  }

  /** The inverse of {@link #join}. */
  void part(Tensor joined, Tensor x) {
    int next = 0;
    for (int c = 0; c < channels; c++) {
      for (int b = 0; b < batch; b++) {
        for (int i = row(b, c); i < row(b, c) + length; i++) {
          Lanes.put(x.bytes(), i, Lanes.get(joined.bytes(), next++));
        }
      }
    }
  }
}
