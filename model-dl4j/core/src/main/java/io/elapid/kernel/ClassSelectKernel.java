package io.elapid.kernel;

/**
 * The part of each row that belongs to the row's class: {@code x: (R, K M, ...)}, {@code labels:
 * (R)}, {@code y: (R, M, ...)}; {@code y[r, m] = x[r, labels[r] M + m]}.
 *
 * <p>Rows with the label -1 (none) or K (background) are zero; a label that is NaN makes its row
 * NaN.
 */
public interface ClassSelectKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Tensor labels, Tensor y);

  /** Gradient of {@link #forward} in x, zero for the other classes. */
  void gradient(Tensor dy, Tensor labels, Tensor dx);
}
