package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.Tensor;
import java.util.List;

/** RoIAlign of floats, see {@code roi_align.cu}; where bins lie is computed on the CPU. */
final class CudaRoiAlign implements RoiAlignKernel {
  private static final String MODULE = "roi_align";

  private final Device device;
  private final RoiAlignKernel host;

  CudaRoiAlign(Device device, RoiAlignKernel host) {
    this.device = device;
    this.host = host;
  }

  private static boolean isOurs(Tensor pooled, List<Tensor> levels) {
    return Frame.takes(pooled) && levels.stream().allMatch(Frame::takes);
  }

  /** The struct RoiSizes. */
  private static int[] sizes(Tensor pooled, int level, Tensor map) {
    return new int[] {
      pooled.dim(0),
      pooled.dim(1),
      pooled.dim(2),
      pooled.dim(3),
      level,
      map.dim(0),
      map.dim(2),
      map.dim(3)
    };
  }

  @Override
  public void forward(List<Tensor> levels, Tensor rois, RoiPooling pooling, Tensor y) {
    if (!isOurs(y, levels)) {
      host.forward(levels, rois, pooling, y);
      return;
    }
    RoiTables tables = new RoiTables(levels, rois, pooling);
    try (Frame frame = new Frame(device, "RoIAlign")) {
      long places = frame.in(tables.places());
      long bins = frame.in(tables.bins());
      long weights = frame.in(tables.weights());
      long pooled = frame.out(y);
      for (int level = 0; level < levels.size(); level++) {
        Tensor map = levels.get(level);
        frame.launch(
            Launch.of(
                MODULE,
                "roi_forward",
                Shape.elements(y.size()),
                new Arguments()
                    .struct(sizes(y, level, map))
                    .pointers(places, bins, weights, frame.in(map))
                    .number(Float.NaN)
                    .pointers(pooled)));
      }
      frame.finish();
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor rois, RoiPooling pooling, List<Tensor> dlevels) {
    if (!isOurs(dy, dlevels)) {
      host.gradient(dy, rois, pooling, dlevels);
      return;
    }
    RoiTables tables = new RoiTables(dlevels, rois, pooling);
    try (Frame frame = new Frame(device, "gradient of RoIAlign")) {
      long places = frame.in(tables.places());
      long bins = frame.in(tables.bins());
      long weights = frame.in(tables.weights());
      long pooled = frame.in(dy);
      for (int level = 0; level < dlevels.size(); level++) {
        Tensor map = dlevels.get(level);
        frame.launch(
            Launch.of(
                MODULE,
                "roi_gradient",
                Shape.elements(map.size()),
                new Arguments()
                    .struct(sizes(dy, level, map))
                    .pointers(places, bins, weights)
                    .pointers(frame.in(tables.list(level)), frame.in(tables.starts(level)))
                    .pointers(pooled, frame.out(map))));
      }
      frame.finish();
    }
  }
}
