package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.backend.cpu.GemmProduct.Left;
import io.elapid.backend.cpu.GemmWeights.Form;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Convolutions with one tap: products of the weights with maps as they lie.
 *
 * <pre>
 *   y = w x      dx = w^T dy      dw = dy x^T
 * </pre>
 */
final class PointwiseConvolution implements ConvolutionKernel {
  private final ConvolutionShape shape;
  private final Workers workers;
  private final GemmProduct product;
  private final GemmWeights weights;

  PointwiseConvolution(
      ConvolutionShape shape, Workers workers, GemmProduct product, GemmWeights weights) {
    this.shape = shape;
    this.workers = workers;
    this.product = product;
    this.weights = weights;
  }

  private GemmMaps input(Tensor x) {
    return new GemmMaps(x.bytes(), shape.batch(), shape.channels(), shape.positions());
  }

  private GemmMaps output(Tensor y) {
    return new GemmMaps(y.bytes(), shape.batch(), shape.outputs(), shape.positions());
  }

  @Override
  public void forward(Forward a) {
    int rows = shape.outputs();
    int depth = shape.channels();
    float[] w = product.left(rows, depth, 1);
    a.w().bytes().asFloatBuffer().get(w, 0, rows * depth);
    GemmEpilogue epilogue = GemmEpilogue.of(a, rows);
    GemmMaps x = input(a.x());
    GemmMaps y = output(a.y());
    product.run(
        new Left(w, rows, depth, depth),
        x,
        (tiles, row, count, first, columns) -> {
          epilogue.apply(tiles[0], row, count);
          y.store(tiles, row, count, first, columns);
        });
  }

  @Override
  public void inputGradient(InputGradient a) {
    int rows = shape.channels();
    int depth = shape.outputs();
    float[] w = product.transposed(a.w().bytes(), depth, rows);
    GemmMaps dy = output(a.dy());
    product.run(new Left(w, rows, depth, depth), dy, input(a.dx())::store);
  }

  @Override
  public void weightGradient(WeightGradient a) {
    GemmMaps dy = output(a.dy());
    GemmMaps x = input(a.x());
    int outputs = shape.outputs();
    int channels = shape.channels();
    // Those that are transposed should be the fewer ones.
    if (channels <= outputs) {
      weights.run(outputs, channels, x.columns(), dy, x, a.dw().bytes(), Form.STRAIGHT);
    } else {
      weights.run(channels, outputs, x.columns(), x, dy, a.dw().bytes(), Form.TRANSPOSED);
    }
    a.dbias().ifPresent(dbias -> sums(workers, shape, a.dy(), dbias));
  }

  /** {@code dbias}: sums of maps, sample after sample. */
  static void sums(Workers workers, ConvolutionShape shape, Tensor dy, Tensor dbias) {
    int positions = shape.outputPositions();
    workers.forEach(
        shape.outputs(),
        (long) shape.batch() * positions,
        (from, to) -> {
          for (int o = from; o < to; o++) {
            double sum = 0;
            for (int b = 0; b < shape.batch(); b++) {
              sum += sum(dy.bytes(), (b * shape.outputs() + o) * positions, positions);
            }
            dbias.put(o, sum);
          }
        });
  }

  private static float sum(ByteBuffer from, int start, int count) {
    FloatVector sums = Lanes.zero();
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      sums = sums.add(Lanes.load(from, start + i));
    }
    float sum = Lanes.sum(sums);
    for (; i < count; i++) {
      sum += Lanes.get(from, start + i);
    }
    return sum;
  }
}
