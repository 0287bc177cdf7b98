package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.SumKernel;
import io.elapid.kernel.Tensor;
import java.util.List;

/** Sums of floats, see {@code elementwise.cu}. */
final class CudaSum implements SumKernel {
  /** Terms of one launch. */
  private static final int MOST_TERMS = 8;

  private final Device device;
  private final SumKernel host;

  CudaSum(Device device, SumKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void sum(List<Tensor> terms, Tensor y) {
    if (!Frame.takes(y)) {
      host.sum(terms, y);
      return;
    }
    try (Frame frame = new Frame(device, "sum")) {
      long result = frame.out(y);
      long before = 0;
      int next = 0;
      while (next < terms.size()) {
        // the struct Terms: the sum of those before, and as many of the others as there is room for
        long[] addresses = new long[MOST_TERMS];
        int count = 0;
        if (next > 0) {
          addresses[count++] = before;
        }
        while (count < MOST_TERMS && next < terms.size()) {
          addresses[count++] = frame.in(terms.get(next++));
        }
        // y may be a later term: it is written when all have been read
        long to = next == terms.size() ? result : frame.scratch(y.size());
        frame.launch(
            Launch.of(
                "elementwise",
                "sum_terms",
                Shape.elements(y.size()),
                new Arguments().numbers(y.size(), count).struct(addresses).pointers(to)));
        before = to;
      }
      frame.finish();
    }
  }
}
