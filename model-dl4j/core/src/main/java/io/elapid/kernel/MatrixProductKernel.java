package io.elapid.kernel;

/**
 * Products of matrices, one for each sample.
 *
 * <pre>
 *   y[s,i,j] = sum over k of a[s,i,k] * b[s,k,j]
 * </pre>
 *
 * {@code a: (B, I, K)}, {@code b: (B, K, J)}, {@code y: (B, I, J)}.
 */
public interface MatrixProductKernel {
  /** Writes {@code y}. */
  void forward(Tensor a, Tensor b, Tensor y);

  /** {@code da = dy b^T}, {@code db = a^T dy}. */
  void gradient(Tensor dy, Tensor a, Tensor b, Tensor da, Tensor db);
}
