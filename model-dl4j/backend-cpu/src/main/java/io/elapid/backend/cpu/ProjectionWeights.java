package io.elapid.backend.cpu;

import io.elapid.kernel.ScanProjectionKernel.Inputs;
import io.elapid.kernel.Tensor;

/**
 * The weights of a projection as its products take them, once for all samples.
 *
 * @param projection xProj: all rows of each matrix by channels; for the gradient channels by rows
 * @param steps panels of each direction's dtWeight: R by D; for the gradient D by R
 * @param perDirection numbers in those of one direction
 */
record ProjectionWeights(float[] projection, float[] steps, int perDirection) {

  static ProjectionWeights forward(ScanColumns columns, Inputs in) {
    int channels = columns.geometry.channels();
    int size = in.xProj().size();
    float[] projection = new float[size + SmallProduct.slackOfRows(channels)];
    read(in.xProj(), 0, size, projection);
    float[] transposed = new float[columns.rank * channels + SmallProduct.SLACK];
    int each = SmallProduct.packed(columns.rank, channels);
    float[] steps = new float[columns.geometry.directions() * each];
    for (int k = 0; k < columns.geometry.directions(); k++) {
      for (int i = 0; i < columns.rank * channels; i++) {
        int from = k * columns.rank * channels + i % channels * columns.rank + i / channels;
        transposed[i] = Lanes.get(in.dtWeight().bytes(), from);
      }
      SmallProduct.pack(transposed, 0, columns.rank, channels, steps, k * each);
    }
    return new ProjectionWeights(projection, steps, each);
  }

  static ProjectionWeights gradient(ScanColumns columns, Inputs in) {
    int channels = columns.geometry.channels();
    int rows = columns.perMatrix() * columns.rows;
    float[] projection = new float[in.xProj().size() + SmallProduct.slackOfRows(rows)];
    for (int m = 0; m < columns.matrices; m++) {
      int first = m * rows * channels;
      for (int i = 0; i < rows * channels; i++) {
        int from = first + i % rows * channels + i / rows;
        projection[first + i] = Lanes.get(in.xProj().bytes(), from);
      }
    }
    int size = columns.rank * channels;
    float[] weights = new float[size + SmallProduct.SLACK];
    int each = SmallProduct.packed(channels, columns.rank);
    float[] steps = new float[columns.geometry.directions() * each];
    for (int k = 0; k < columns.geometry.directions(); k++) {
      read(in.dtWeight(), k * size, size, weights);
      SmallProduct.pack(weights, 0, channels, columns.rank, steps, k * each);
    }
    return new ProjectionWeights(projection, steps, each);
  }

  /** Numbers from {@code start} on. */
  static void read(Tensor from, int start, int count, float[] to) {
    from.bytes().asFloatBuffer().get(start, to, 0, count);
  }
}
