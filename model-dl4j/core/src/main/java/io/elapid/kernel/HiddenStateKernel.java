package io.elapid.kernel;

/**
 * Hidden states of the single-head state-space dual layer of EfficientViM (Lee et al., 2025,
 * HSM-SSD).
 *
 * <pre>
 *   w[n,l] = softmax over l of (dt[n,l] + a[n])        h[c,n] = sum_l x[c,l] * w[n,l] * b[n,l]
 * </pre>
 *
 * {@code x: (B, C, L)}, {@code b, dt, w: (B, N, L)}, {@code a: (N)}, {@code h: (B, C, N)}.
 */
public interface HiddenStateKernel {
  /** Writes {@code h} and, saved for the gradient, {@code w}. */
  void forward(Tensor x, Tensor b, Tensor dt, Tensor a, Tensor h, Tensor w);

  /**
   * Arguments of {@link #gradient}; outputs are {@code dx}, {@code db}, {@code ddt}, {@code da}.
   */
  record Gradient(
      Tensor dh, Tensor x, Tensor b, Tensor w, Tensor dx, Tensor db, Tensor ddt, Tensor da) {}

  /**
   * With {@code q[n,l] = sum_c dh[c,n] x[c,l]}: {@code dx[c,l] = sum_n dh[c,n] w[n,l] b[n,l]},
   * {@code db = q w}, {@code ddt = w (q b - sum_l w q b)}, {@code da = sum over batch and l of ddt}
   * (zero but for rounding: softmax ignores a constant).
   */
  void gradient(Gradient a);
}
