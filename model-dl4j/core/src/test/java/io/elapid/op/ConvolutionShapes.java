package io.elapid.op;

import io.elapid.kernel.ConvolutionShape;
import java.util.ArrayList;
import java.util.List;

/** Convolutions at the edges: single pixels and samples, odd sizes, what no tile divides. */
final class ConvolutionShapes {
  private ConvolutionShapes() {}

  static List<ConvolutionShape> all() {
    List<ConvolutionShape> shapes = new ArrayList<>();
    pointwise(shapes);
    dense(shapes);
    depthwise(shapes);
    return shapes;
  }

  private static void pointwise(List<ConvolutionShape> shapes) {
    int[][] sizes = {
      {1, 1, 1, 1, 1},
      {1, 5, 1, 1, 3},
      {2, 3, 5, 7, 4},
      {1, 16, 4, 4, 8},
      {3, 17, 7, 7, 33},
      {5, 40, 4, 4, 25},
      {1, 9, 1, 48, 8},
      {2, 64, 14, 14, 96},
      {1, 300, 9, 11, 20},
      {2, 20, 9, 11, 300},
      {2, 12, 56, 56, 24}
    };
    for (int[] s : sizes) {
      shapes.add(square(s[0], s[1], s[2], s[3], s[4], 1, 1, 0, 1));
    }
  }

  private static void dense(List<ConvolutionShape> shapes) {
    shapes.add(square(2, 3, 32, 32, 16, 3, 2, 1, 1));
    shapes.add(square(1, 3, 33, 31, 9, 3, 2, 1, 1));
    shapes.add(square(2, 3, 17, 18, 20, 4, 4, 0, 1));
    shapes.add(square(1, 2, 5, 5, 3, 3, 1, 0, 1));
    shapes.add(square(3, 24, 7, 7, 40, 3, 1, 1, 1));
    shapes.add(square(5, 8, 2, 2, 7, 2, 2, 0, 1));
    shapes.add(square(2, 6, 9, 8, 5, 5, 1, 2, 1));
    shapes.add(square(2, 4, 11, 12, 10, 7, 2, 3, 1));
    shapes.add(square(1, 5, 1, 1, 3, 3, 1, 1, 1));
    shapes.add(square(3, 5, 6, 7, 4, 1, 2, 0, 1));
    shapes.add(square(2, 3, 6, 5, 4, 1, 1, 1, 1));
    shapes.add(new ConvolutionShape(2, 3, 9, 10, 4, 3, 2, 2, 1, 1, 0, 1));
    shapes.add(new ConvolutionShape(2, 4, 1, 9, 8, 1, 3, 1, 1, 0, 1, 1));
    shapes.add(new ConvolutionShape(2, 6, 9, 10, 4, 3, 3, 1, 1, 1, 1, 2));
    shapes.add(new ConvolutionShape(2, 6, 9, 10, 4, 3, 3, 1, 1, 2, 2, 1, 2));
    shapes.add(new ConvolutionShape(2, 6, 9, 10, 4, 3, 2, 1, 1, 0, 3, 1, 3));
    shapes.add(new ConvolutionShape(2, 6, 5, 4, 7, 3, 3, 1, 1, 12, 12, 1, 12));
  }

  private static void depthwise(List<ConvolutionShape> shapes) {
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride : new int[] {1, 2}) {
        shapes.add(square(2, 5, 13, 11, 5, kernel, stride, kernel / 2, 5));
        shapes.add(square(3, 4, 4, 4, 4, kernel, stride, kernel / 2, 4));
      }
    }
    shapes.add(square(2, 16, 28, 28, 16, 3, 1, 1, 16));
    shapes.add(square(1, 3, 1, 1, 3, 3, 1, 1, 3));
    shapes.add(square(2, 3, 5, 5, 6, 3, 1, 1, 3));
    shapes.add(new ConvolutionShape(2, 4, 9, 14, 4, 1, 7, 1, 1, 0, 3, 4));
    shapes.add(new ConvolutionShape(2, 4, 9, 14, 4, 7, 1, 1, 1, 3, 0, 4));
    shapes.add(new ConvolutionShape(2, 4, 1, 9, 4, 1, 3, 1, 2, 0, 1, 4));
  }

  /** A convolution with the same kernel, stride and padding in both directions. */
  static ConvolutionShape square(
      int batch,
      int channels,
      int height,
      int width,
      int outputs,
      int kernel,
      int stride,
      int padding,
      int groups) {
    return new ConvolutionShape(
        batch, channels, height, width, outputs, kernel, kernel, stride, stride, padding, padding,
        groups);
  }
}
