package io.elapid.backend.cpu;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Workers;
import java.util.Optional;

/** Which convolutions run on kernels of our own; all others are left to the native operations. */
final class VectorConvolutions {
  private final Workers workers;
  private final GemmProduct product;
  private final GemmWeights weights;

  VectorConvolutions(Workers workers) {
    this.workers = workers;
    ThreadLocal<GemmScratch> scratch = ThreadLocal.withInitial(GemmScratch::new);
    product = new GemmProduct(workers, scratch);
    weights = new GemmWeights(workers, scratch);
  }

  /** The kernel for a shape; empty in double, and for grouped ones that change the size of maps. */
  Optional<ConvolutionKernel> kernel(ConvolutionShape shape, ElementType type) {
    if (type != ElementType.FLOAT) {
      return Optional.empty();
    }
    if (shape.isPointwise()) {
      return Optional.of(new PointwiseConvolution(shape, workers, product, weights));
    }
    if (shape.groups() == 1) {
      return Optional.of(new DenseConvolution(shape, workers, product, weights));
    }
    if (VectorDepthwise.fits(shape)) {
      return Optional.of(new VectorDepthwise(shape, workers));
    }
    return Optional.empty();
  }
}
