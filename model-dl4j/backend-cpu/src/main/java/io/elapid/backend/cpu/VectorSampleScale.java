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
    workers.forEach(
        x.dim(0),
        length,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            float factor = (float) factors.at(b);
            if (residual.isPresent()) {
              Rows.scaleAndAdd(
                  x.bytes(), b * length, length, factor, residual.get().bytes(), y.bytes());
            } else {
              Rows.scale(x.bytes(), b * length, length, factor, y.bytes());
            }
          }
        });
  }
}
