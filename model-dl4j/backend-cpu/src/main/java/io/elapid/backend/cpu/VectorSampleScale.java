package io.elapid.backend.cpu;

import io.elapid.kernel.SampleScaleKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.util.Optional;

record VectorSampleScale(Workers workers, SampleScaleKernel reference)
    implements SampleScaleKernel {
  @Override
  public void forward(Tensor x, Tensor factors, Optional<Tensor> residual, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, factors, residual, y);
      return;
    }
    int length = x.sizeFrom(1);
    for (int b = 0; b < x.dim(0); b++) {
      float factor = (float) factors.at(b);
      int start = b * length;
      Pieces.forEach(
          workers, length, (from, to) -> scale(x, start + from, to - from, factor, residual, y));
    }
  }

  private static void scale(
      Tensor x, int start, int length, float factor, Optional<Tensor> residual, Tensor y) {
    if (residual.isPresent()) {
      Rows.scaleAndAdd(x.bytes(), start, length, factor, residual.get().bytes(), y.bytes());
    } else {
      Rows.scale(x.bytes(), start, length, factor, y.bytes());
    }
  }
}
