package io.elapid.backend.cpu;

import io.elapid.backend.cpu.GemmProduct.Left;
import io.elapid.backend.cpu.GemmWeights.Form;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * Convolutions of all channels with kernels and strides of any size: products of the weights with
 * patches, packed from padded planes as they are needed.
 *
 * <p>The gradient of the input is a convolution of dy for each phase of the input's pixels modulo
 * the stride, over the taps that reach it.
 */
final class DenseConvolution implements ConvolutionKernel {
  private final ConvolutionShape shape;
  private final Workers workers;
  private final GemmProduct product;
  private final GemmWeights weights;
  private final DenseGradient gradient;

  DenseConvolution(
      ConvolutionShape shape, Workers workers, GemmProduct product, GemmWeights weights) {
    this.shape = shape;
    this.workers = workers;
    this.product = product;
    this.weights = weights;
    this.gradient = new DenseGradient(shape);
  }

  private GemmPlanes.Layout layout() {
    return new GemmPlanes.Layout(
        shape.channels(),
        shape.height(),
        shape.width(),
        shape.strideHeight(),
        shape.strideWidth(),
        shape.paddingHeight(),
        shape.paddingWidth(),
        shape.outputHeight() + (shape.kernelHeight() - 1) * shape.dilation() / shape.strideHeight(),
        shape.outputWidth() + (shape.kernelWidth() - 1) * shape.dilation() / shape.strideWidth());
  }

  private int[] taps(GemmPlanes.Layout layout) {
    int[] taps = new int[shape.taps()];
    int k = 0;
    for (int c = 0; c < shape.channels(); c++) {
      for (int p = 0; p < shape.kernelHeight(); p++) {
        for (int q = 0; q < shape.kernelWidth(); q++) {
          int row = p * shape.dilation();
          int column = q * shape.dilation();
          taps[k++] =
              layout.start(c, row % shape.strideHeight(), column % shape.strideWidth())
                  + row / shape.strideHeight() * layout.columns()
                  + column / shape.strideWidth();
        }
      }
    }
    return taps;
  }

  GemmPatches patches(Tensor x, Object call) {
    GemmPlanes.Layout layout = layout();
    return new GemmPatches(
        x.bytes(),
        shape.batch(),
        layout,
        shape.outputHeight(),
        shape.outputWidth(),
        taps(layout),
        call);
  }

  private GemmMaps output(Tensor y) {
    return new GemmMaps(y.bytes(), shape.batch(), shape.outputs(), shape.outputPositions());
  }

  @Override
  public void forward(Forward a) {
    int rows = shape.outputs();
    int depth = shape.taps();
    float[] w = product.left(rows, depth, 1);
    a.w().bytes().asFloatBuffer().get(w, 0, rows * depth);
    GemmEpilogue epilogue = GemmEpilogue.of(a, rows);
    GemmMaps y = output(a.y());
    product.run(
        new Left(w, rows, depth, depth),
        patches(a.x(), new Object()),
        (tiles, row, count, first, columns) -> {
          epilogue.apply(tiles[0], row, count);
          y.store(tiles, row, count, first, columns);
        });
  }

  @Override
  public void inputGradient(InputGradient a) {
    gradient.run(product, a);
  }

  @Override
  public void weightGradient(WeightGradient a) {
    GemmMaps dy = output(a.dy());
    GemmPatches x = patches(a.x(), new Object());
    int outputs = shape.outputs();
    int taps = shape.taps();
    // Those that are transposed should be the fewer ones.
    if (taps <= outputs) {
      weights.run(outputs, taps, x.columns(), dy, x, a.dw().bytes(), Form.STRAIGHT);
    } else {
      weights.run(taps, outputs, x.columns(), x, dy, a.dw().bytes(), Form.TRANSPOSED);
    }
    a.dbias().ifPresent(dbias -> PointwiseConvolution.sums(workers, shape, a.dy(), dbias));
  }
}
