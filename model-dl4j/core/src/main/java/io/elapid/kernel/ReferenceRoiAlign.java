package io.elapid.kernel;

import java.util.List;

final class ReferenceRoiAlign implements RoiAlignKernel {
  /** What is done with a sample: the pixel {@code index} of the level counts {@code weight}. */
  @FunctionalInterface
  private interface Pixel {
    void take(int index, double weight);
  }

  @Override
  public void forward(List<Tensor> levels, Tensor rois, RoiPooling pooling, Tensor y) {
    int region = y.sizeFrom(1);
    for (int i = 0; i < y.size(); i++) {
      int row = i / region;
      if (Roi.isBroken(rois, row)) {
        y.put(i, Double.NaN);
        continue;
      }
      Roi roi = Roi.of(rois, row, levels.get(0).dim(0));
      double[] sum = new double[1];
      if (!roi.isPadding()) {
        int level = pooling.level(roi, levels.size());
        Tensor map = levels.get(level);
        int channel = i / y.sizeFrom(2) % y.dim(1);
        samples(pooling, roi, level, map, channel, i, (index, w) -> sum[0] += w * map.at(index));
      }
      y.put(i, sum[0]);
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor rois, RoiPooling pooling, List<Tensor> dlevels) {
    double[][] sums =
        dlevels.stream().map(level -> new double[level.size()]).toArray(double[][]::new);
    for (int i = 0; i < dy.size(); i++) {
      int row = i / dy.sizeFrom(1);
      if (Roi.isBroken(rois, row)) {
        continue;
      }
      Roi roi = Roi.of(rois, row, dlevels.get(0).dim(0));
      if (!roi.isPadding()) {
        int level = pooling.level(roi, dlevels.size());
        int channel = i / dy.sizeFrom(2) % dy.dim(1);
        double slope = dy.at(i);
        double[] sum = sums[level];
        samples(
            pooling,
            roi,
            level,
            dlevels.get(level),
            channel,
            i,
            (index, w) -> sum[index] += w * slope);
      }
    }
    for (int level = 0; level < sums.length; level++) {
      for (int i = 0; i < sums[level].length; i++) {
        dlevels.get(level).put(i, sums[level][i]);
      }
    }
  }

  /** All samples of the bin that element {@code i} of the pooled regions is. */
  private static void samples(
      RoiPooling pooling, Roi roi, int level, Tensor map, int channel, int i, Pixel pixel) {
    RoiSpan rows = pooling.rows(roi, level);
    RoiSpan columns = pooling.columns(roi, level);
    int row = i / pooling.width() % pooling.height();
    int column = i % pooling.width();
    int plane = (roi.image() * map.dim(1) + channel) * map.sizeFrom(2);
    for (int j = 0; j < rows.grid(); j++) {
      for (int k = 0; k < columns.grid(); k++) {
        double y = rows.sample(row, j);
        double x = columns.sample(column, k);
        if (RoiSpan.isInside(y, map.dim(2)) && RoiSpan.isInside(x, map.dim(3))) {
          Interpolation v = RoiSpan.between(y, map.dim(2));
          Interpolation h = RoiSpan.between(x, map.dim(3));
          double share = 1.0 / (rows.grid() * columns.grid());
          int above = plane + v.before() * map.dim(3);
          int below = plane + v.after() * map.dim(3);
          pixel.take(above + h.before(), share * (1 - v.weight()) * (1 - h.weight()));
          pixel.take(above + h.after(), share * (1 - v.weight()) * h.weight());
          pixel.take(below + h.before(), share * v.weight() * (1 - h.weight()));
          pixel.take(below + h.after(), share * v.weight() * h.weight());
        }
      }
    }
  }
}
