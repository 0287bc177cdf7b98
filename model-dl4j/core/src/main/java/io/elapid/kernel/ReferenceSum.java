package io.elapid.kernel;

import java.util.List;

final class ReferenceSum implements SumKernel {
  @Override
  public void sum(List<Tensor> terms, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      double sum = terms.get(0).at(i);
      for (Tensor term : terms.subList(1, terms.size())) {
        sum = y.type() == ElementType.FLOAT ? (float) (sum + term.at(i)) : sum + term.at(i);
      }
      y.put(i, sum);
    }
  }
}
