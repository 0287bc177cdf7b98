package io.elapid.kernel;

import java.util.Optional;

/**
 * Convolution (cross-correlation with zero padding) of one {@link ConvolutionShape}, with an affine
 * map per output and an activation behind it.
 *
 * <pre>
 *   acc[b,o,i,j] = sum over c,p,q of w[o,c,p,q] * x[b, first(o)+c, i*stride-padding+p*dilation, j*stride-padding+q*dilation]
 *   y = act(scale[o] * acc + shift[o])
 * </pre>
 *
 * Tensors are as {@link ConvolutionShape} says, those of a sequence without a height; {@code
 * scale}, {@code shift}, {@code dbias: (outputs)}. The gradients are those of the linear part,
 * {@code acc}.
 */
public interface ConvolutionKernel {
  /**
   * Arguments of {@link #forward}; output is {@code y}.
   *
   * @param scale factor of each output, 1 where absent
   * @param shift addend of each output, 0 where absent: a bias, for one
   */
  record Forward(
      Tensor x,
      Tensor w,
      Optional<Tensor> scale,
      Optional<Tensor> shift,
      ActivationKind activation,
      Tensor y) {
    /** A convolution and nothing behind it. */
    public static Forward linear(Tensor x, Tensor w, Optional<Tensor> bias, Tensor y) {
      return new Forward(x, w, Optional.empty(), bias, ActivationKind.IDENTITY, y);
    }
  }

  /** Arguments of {@link #inputGradient}; output is {@code dx}. */
  record InputGradient(Tensor dy, Tensor w, Tensor dx) {}

  /** Arguments of {@link #weightGradient}; outputs are {@code dw} and {@code dbias}. */
  record WeightGradient(Tensor dy, Tensor x, Tensor dw, Optional<Tensor> dbias) {}

  /** Writes {@code y}. */
  void forward(Forward a);

  /** {@code dx[.., i*stride-padding+p*dilation, ..] = sum of w[o,c,p,q] * dy[b,o,i,j]}. */
  void inputGradient(InputGradient a);

  /**
   * {@code dw[o,c,p,q] = sum over b,i,j of dy[b,o,i,j] * x[..]}, {@code dbias[o]} that of {@code
   * dy}.
   */
  void weightGradient(WeightGradient a);
}
