package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.kernel.ConvolutionShape;

/** A shape as kernels are told of it, see {@code convolution.cuh}. */
final class ConvolutionSizes {
  private ConvolutionSizes() {}

  /** Arguments that begin with the struct. */
  static Arguments of(ConvolutionShape shape) {
    return new Arguments()
        .struct(
            shape.batch(),
            shape.channels(),
            shape.height(),
            shape.width(),
            shape.outputs(),
            shape.outputHeight(),
            shape.outputWidth(),
            shape.kernelHeight(),
            shape.kernelWidth(),
            shape.strideHeight(),
            shape.strideWidth(),
            shape.paddingHeight(),
            shape.paddingWidth(),
            shape.groups(),
            shape.dilation());
  }
}
