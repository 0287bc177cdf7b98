package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.MatrixProductKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.ReferenceConvolution;
import io.elapid.kernel.ReferenceMatrixProduct;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;

/** Products with weights, and their update. */
final class WeightChecks extends CheckGroup {
  WeightChecks() {
    convolutions();
    linear();
    matrixProducts();
    optimizer();
  }

  private void convolutions() {
    for (int[] kernel : new int[][] {{3, 3, 1}, {3, 3, 2}, {5, 5, 1}, {7, 7, 1}, {1, 7, 1}}) {
      int height = kernel[0];
      int width = kernel[1];
      int stride = kernel[2];
      convolution(
          new ConvolutionShape(
              3, 4, 60, 55, 4, height, width, stride, stride, height / 2, width / 2, 4));
    }
    convolution(new ConvolutionShape(3, 12, 24, 20, 70, 1, 1, 1, 1, 0, 0, 1));
    convolution(new ConvolutionShape(2, 7, 13, 11, 66, 3, 3, 2, 2, 1, 1, 1));
    convolution(new ConvolutionShape(2, 6, 9, 10, 4, 3, 3, 1, 1, 2, 2, 1, 2));
    convolution(new ConvolutionShape(2, 6, 12, 8, 10, 4, 2, 4, 2, 0, 0, 2));
  }

  private void convolution(ConvolutionShape shape) {
    Filled filled = new Filled(8);
    long[] map = {shape.batch(), shape.channels(), shape.height(), shape.width()};
    long[] weights = {
      shape.outputs(), shape.groupChannels(), shape.kernelHeight(), shape.kernelWidth()
    };
    long[] result = {shape.batch(), shape.outputs(), shape.outputHeight(), shape.outputWidth()};
    Tensor x = filled.tensor(-1, 1, map);
    Tensor w = filled.tensor(-1, 1, weights);
    Tensor scale = filled.tensor(0.5, 1.5, shape.outputs());
    Tensor dy = filled.tensor(-1, 1, result);
    add(
        "convolution " + shape,
        set -> {
          ConvolutionKernel convolution =
              set.convolution(shape, ElementType.FLOAT)
                  .orElseGet(() -> new ReferenceConvolution(shape));
          Tensor y = Filled.empty(result);
          Tensor dx = Filled.empty(map);
          Tensor dw = Filled.empty(weights);
          Tensor dbias = Filled.empty(shape.outputs());
          convolution.forward(
              new ConvolutionKernel.Forward(
                  x, w, Optional.of(scale), Optional.empty(), ActivationKind.SILU, y));
          convolution.inputGradient(new ConvolutionKernel.InputGradient(dy, w, dx));
          convolution.weightGradient(
              new ConvolutionKernel.WeightGradient(dy, x, dw, Optional.of(dbias)));
          return List.of(y, dx, dw, dbias);
        });
  }

  private void linear() {
    for (int[] sizes : new int[][] {{19, 70, 75}, {520, 9, 1025}, {65, 4100, 65}}) {
      int batch = sizes[0];
      int inputs = sizes[1];
      int outputs = sizes[2];
      Filled filled = new Filled(13);
      Tensor x = filled.tensor(-1, 1, batch, inputs);
      Tensor w = filled.tensor(-1, 1, outputs, inputs);
      Tensor bias = filled.tensor(-1, 1, outputs);
      Tensor dy = filled.tensor(-1, 1, batch, outputs);
      add(
          "linear of %d from %d to %d".formatted(batch, inputs, outputs),
          set -> {
            Tensor y = Filled.empty(batch, outputs);
            Tensor dx = Filled.empty(batch, inputs);
            Tensor dw = Filled.empty(outputs, inputs);
            Tensor dbias = Filled.empty(outputs);
            set.linear().forward(x, w, bias, y);
            set.linear().gradient(dy, x, w, dx, dw, dbias);
            return List.of(y, dx, dw, dbias);
          });
    }
  }

  private void matrixProducts() {
    for (int[] sizes : new int[][] {{3, 70, 33, 75}, {130, 65, 9, 5}, {1, 1, 1, 1}}) {
      int samples = sizes[0];
      int rows = sizes[1];
      int terms = sizes[2];
      int columns = sizes[3];
      Filled filled = new Filled(14);
      Tensor a = filled.tensor(-1, 1, samples, rows, terms);
      Tensor b = filled.tensor(-1, 1, samples, terms, columns);
      Tensor dy = filled.tensor(-1, 1, samples, rows, columns);
      add(
          "%d products of %d x %d and %d columns".formatted(samples, rows, terms, columns),
          set -> {
            MatrixProductKernel product =
                set.matrixProduct(ElementType.FLOAT).orElseGet(ReferenceMatrixProduct::new);
            Tensor y = Filled.empty(samples, rows, columns);
            Tensor da = Filled.empty(samples, rows, terms);
            Tensor db = Filled.empty(samples, terms, columns);
            product.forward(a, b, y);
            product.gradient(dy, a, b, da, db);
            return List.of(y, da, db);
          });
    }
  }

  private void optimizer() {
    add(
        "AdamW",
        set -> {
          Filled filled = new Filled(9);
          Tensor p = filled.tensor(-1, 1, 1000);
          Tensor g = filled.tensor(-1, 1, 1000);
          Tensor m = filled.tensor(-1, 1, 1000);
          Tensor v = filled.tensor(0, 1, 1000);
          Tensor average = filled.tensor(-1, 1, 1000);
          OptimizerKernel kernel = set.optimizer();
          kernel.clipUnits(
              p,
              g,
              List.of(new OptimizerKernel.Units(5, 7, 9), new OptimizerKernel.Units(100, 1, 500)),
              new OptimizerKernel.UnitClip(0.5, 0.4, 1e-3));
          kernel.adamW(
              new OptimizerKernel.Vectors(p, g, m, v, Optional.of(average)),
              List.of(
                  new OptimizerKernel.Range(3, 300, 0.9, 1),
                  new OptimizerKernel.Range(500, 999, 1, 0.5)),
              new OptimizerKernel.Coefficients(0.25, 0.9, 0.999, 1e-2, 4.5, 1e-8, 0.99));
          Tensor squares = Filled.empty(1);
          squares.put(0, kernel.squares(g));
          kernel.blend(average, 0.5, p, 0.25);
          Tensor scaled = Filled.empty(1000);
          kernel.scale(v, 3, scaled);
          return List.of(p, g, m, v, average, squares, scaled);
        });
  }
}
