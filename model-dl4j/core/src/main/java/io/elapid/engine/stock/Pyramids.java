package io.elapid.engine.stock;

import io.elapid.kernel.HaarKernel;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;

/** Wavelets and Laplace pyramids. */
final class Pyramids {
  private Pyramids() {}

  static List<SDVariable> haar(Call call) {
    SDVariable[] q = Maps.quarters(call, call.in(0), call.shape(0));
    SDVariable bands = call.graph().stack(2, butterfly(q[0], q[1], q[2], q[3]));
    return Call.one(call.reshape(bands, call.results().get(0)).mul(HaarKernel.SCALE));
  }

  static List<SDVariable> inverseHaar(Call call) {
    long[] y = call.shape(0);
    SDVariable bands = call.shaped(0, y[0], y[1] / 4, 4, y[2], y[3]);
    SDVariable[] band = call.graph().unstack(bands, 2, 4);
    SDVariable[] quarters = butterfly(band[0], band[1], band[2], band[3]);
    return Call.one(Maps.woven(call, quarters, call.results().get(0)).mul(HaarKernel.SCALE));
  }

  /** Of four pixels of a square, row by row: their sum, rows, columns and diagonals compared. */
  private static SDVariable[] butterfly(SDVariable a, SDVariable b, SDVariable c, SDVariable d) {
    SDVariable upper = a.add(b);
    SDVariable lower = c.add(d);
    SDVariable upperSlope = a.sub(b);
    SDVariable lowerSlope = c.sub(d);
    return new SDVariable[] {
      upper.add(lower), upper.sub(lower), upperSlope.add(lowerSlope), upperSlope.sub(lowerSlope)
    };
  }

  static List<SDVariable> laplaceSplit(Call call) {
    int pool = call.attribute(0);
    Pooling2DConfig config =
        Pooling2DConfig.builder().kH(pool).kW(pool).sH(pool).sW(pool).isNHWC(false).build();
    SDVariable low = call.graph().cnn().avgPooling2d(call.in(0), config);
    SDVariable repeated = call.graph().cnn().upsampling2d(low, pool, pool, true);
    return List.of(low, call.in(0).sub(repeated));
  }

  /** Two products with fixed matrices: SameDiff's bilinear resizing has no gradient. */
  static List<SDVariable> laplaceMerge(Call call) {
    long[] low = call.shape(0);
    long[] full = call.shape(1);
    long maps = low[0] * low[1];
    SDVariable rows = call.shaped(0, maps * low[2], low[3]);
    SDVariable wide = rows.mmul(interpolation(call, low[3]));
    SDVariable turned = call.reshape(wide, maps, low[2], full[3]).permute(0, 2, 1);
    SDVariable columns = call.reshape(turned, maps * full[3], low[2]);
    SDVariable high = columns.mmul(interpolation(call, low[2]));
    SDVariable back = call.reshape(high, maps, full[3], full[2]).permute(0, 2, 1);
    return Call.one(call.reshape(back, full).add(call.in(1)));
  }

  /** The matrix (n, p n) that enlarges a row of n pixels p times, centres of pixels kept. */
  private static SDVariable interpolation(Call call, long length) {
    int pool = call.attribute(0);
    int n = Math.toIntExact(length);
    double[][] matrix = new double[n][n * pool];
    for (int o = 0; o < n * pool; o++) {
      double place = Math.min(n - 1, Math.max(0, (o + 0.5) / pool - 0.5));
      for (int i = 0; i < n; i++) {
        matrix[i][o] = Math.max(0, 1 - Math.abs(place - i));
      }
    }
    return call.constant(matrix);
  }
}
