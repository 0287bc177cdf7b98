package io.elapid.kernel;

import java.util.Optional;

final class ReferenceSampleScale implements SampleScaleKernel {
  @Override
  public void forward(Tensor x, Tensor factors, Optional<Tensor> residual, Tensor y) {
    for (int i = 0; i < x.size(); i++) {
      double scaled = factors.at(i / x.sizeFrom(1)) * x.at(i);
      y.put(i, residual.isPresent() ? residual.get().at(i) + scaled : scaled);
    }
  }
}
