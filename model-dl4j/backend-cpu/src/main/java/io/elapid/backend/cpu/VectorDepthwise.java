package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Depthwise convolutions whose outputs are as large as their inputs. A map is copied between zeros;
 * then each tap is one shift of the whole map, whatever its width, but for the ends of rows, which
 * a mask cuts off.
 */
final class VectorDepthwise implements ConvolutionKernel {
  /** Sums run in float over about this many values, then go on in double. */
  private static final int CHUNK = 4096;

  private final ConvolutionShape shape;
  private final Workers workers;
  private final int length;
  private final int registers;
  private final int margin;
  private final DepthwiseTaps taps;

  /** Where a tap's weight is among a channel's: taps go by columns, as a column shares a mask. */
  private final int[] order;

  VectorDepthwise(ConvolutionShape shape, Workers workers) {
    this.shape = shape;
    this.workers = workers;
    length = shape.positions();
    registers = Lanes.roundUp(length);
    margin = shape.paddingHeight() * shape.width() + shape.paddingWidth();
    int[] from = new int[shape.taps()];
    int[] masks = new int[shape.taps()];
    order = new int[shape.taps()];
    for (int i = 0; i < order.length; i++) {
      int row = i % shape.kernelHeight();
      int column = i / shape.kernelHeight();
      from[i] = row * shape.width() + column;
      masks[i] = column * registers;
      order[i] = row * shape.kernelWidth() + column;
    }
    taps = DepthwiseTaps.of(from, masks, masks());
  }

  /** Whether this is the kernel for a shape. */
  static boolean fits(ConvolutionShape shape) {
    return shape.isDepthwise()
        && shape.outputs() == shape.channels()
        && shape.strideHeight() == 1
        && shape.strideWidth() == 1
        && shape.outputHeight() == shape.height()
        && shape.outputWidth() == shape.width();
  }

  /** For each column of taps, ones at the outputs that see a pixel there. */
  private float[] masks() {
    float[] masks = new float[shape.kernelWidth() * registers];
    for (int q = 0; q < shape.kernelWidth(); q++) {
      for (int i = 0; i < length; i++) {
        int seen = i % shape.width() + q - shape.paddingWidth();
        masks[q * registers + i] = seen >= 0 && seen < shape.width() ? 1 : 0;
      }
    }
    return masks;
  }

  /** Room for a map between zeros. */
  private float[] between() {
    return new float[registers + 2 * margin];
  }

  @Override
  public void forward(Forward a) {
    GemmEpilogue epilogue = GemmEpilogue.of(a, shape.outputs());
    ByteBuffer w = a.w().bytes();
    forEachMap(
        (from, to) -> {
          float[] x = between();
          float[] y = new float[registers];
          float[] weights = taps.weights();
          for (int map = from; map < to; map++) {
            int c = map % shape.channels();
            for (int i = 0; i < order.length; i++) {
              weights[i] = Lanes.get(w, c * order.length + order[i]);
            }
            load(a.x().bytes(), map * length, length, x, margin);
            taps.sum(x, weights, y, registers);
            epilogue.apply(c, y, registers);
            store(y, length, a.y().bytes(), map * length);
          }
        });
  }

  private void forEachMap(Workers.Range body) {
    workers.forEach(shape.batch() * shape.channels(), (long) length * taps.count(), body);
  }

  /** The same with all taps turned round. */
  @Override
  public void inputGradient(InputGradient a) {
    ByteBuffer w = a.w().bytes();
    forEachMap(
        (from, to) -> {
          float[] dy = between();
          float[] dx = new float[registers];
          float[] weights = taps.weights();
          for (int map = from; map < to; map++) {
            int c = map % shape.channels();
            for (int i = 0; i < order.length; i++) {
              weights[i] = Lanes.get(w, (c + 1) * order.length - 1 - order[i]);
            }
            load(a.dy().bytes(), map * length, length, dy, margin);
            taps.sum(dy, weights, dx, registers);
            store(dx, length, a.dx().bytes(), map * length);
          }
        });
  }

  @Override
  public void weightGradient(WeightGradient a) {
    int chunk = Math.max(1, CHUNK / length);
    workers.forEach(
        shape.channels(),
        (long) shape.batch() * length * taps.count(),
        (from, to) -> {
          float[] x = between();
          float[] dy = new float[registers];
          float[] sums = taps.sums();
          double[] totals = new double[taps.count()];
          for (int c = from; c < to; c++) {
            Arrays.fill(totals, 0);
            for (int b = 0; b < shape.batch(); b++) {
              int map = b * shape.channels() + c;
              load(a.x().bytes(), map * length, length, x, margin);
              load(a.dy().bytes(), map * length, length, dy, 0);
              taps.dot(dy, x, registers, sums);
              if ((b + 1) % chunk == 0 || b + 1 == shape.batch()) {
                flush(sums, totals);
              }
            }
            putWeights(totals, c, a.dw());
          }
        });
    a.dbias().ifPresent(dbias -> PointwiseConvolution.sums(workers, shape, a.dy(), dbias));
  }

  private static void flush(float[] sums, double[] totals) {
    for (int i = 0; i < totals.length; i++) {
      totals[i] += Lanes.sum(FloatVector.fromArray(SPECIES, sums, i * WIDTH));
    }
    Arrays.fill(sums, 0);
  }

  private void putWeights(double[] totals, int c, Tensor dw) {
    for (int i = 0; i < totals.length; i++) {
      dw.put(c * order.length + order[i], totals[i]);
    }
  }

  /** In whole registers, the last of which may overlap the one before. */
  private static void load(ByteBuffer x, int start, int length, float[] to, int at) {
    if (length < WIDTH) {
      for (int i = 0; i < length; i++) {
        to[at + i] = Lanes.get(x, start + i);
      }
      return;
    }
    for (int k = 0; k < length; k += WIDTH) {
      int i = Math.min(k, length - WIDTH);
      Lanes.load(x, start + i).intoArray(to, at + i);
    }
  }

  private static void store(float[] from, int length, ByteBuffer y, int start) {
    if (length < WIDTH) {
      for (int i = 0; i < length; i++) {
        Lanes.put(y, start + i, from[i]);
      }
      return;
    }
    for (int k = 0; k < length; k += WIDTH) {
      int i = Math.min(k, length - WIDTH);
      Lanes.store(FloatVector.fromArray(SPECIES, from, i), y, start + i);
    }
  }
}
