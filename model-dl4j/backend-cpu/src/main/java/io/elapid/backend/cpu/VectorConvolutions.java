package io.elapid.backend.cpu;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import java.util.Optional;

/** Which convolutions run on kernels of our own; all others are left to the native operations. */
final class VectorConvolutions {
  /** The kernel for a shape, if ours is the faster one. */
  Optional<ConvolutionKernel> kernel(ConvolutionShape shape, ElementType type) {
    return Optional.empty();
  }
}
