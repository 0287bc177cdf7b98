package io.elapid.kernel;

/**
 * Convex combination of a path and its branch with one learnt gate per channel (Lee et al.,
 * "EfficientViM", 2025).
 *
 * <p>{@code x, f, y: (B, C, ...)}, {@code alpha: (R, C)}; with {@code s = sigmoid(alpha[row])}:
 * {@code y = (1 - s) x + s f}.
 */
public interface GatedResidualKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Tensor f, Tensor alpha, int row, Tensor y);

  /**
   * Arguments of {@link #gradient}; outputs are {@code dx}, {@code df} and {@code dalpha} (R, C),
   * zero outside {@code row}.
   */
  record Gradient(
      Tensor dy, Tensor x, Tensor f, Tensor alpha, int row, Tensor dx, Tensor df, Tensor dalpha) {}

  /**
   * {@code dx = (1 - s) dy}, {@code df = s dy}, {@code dalpha[row] = s (1 - s) sum(dy (f - x))}.
   */
  void gradient(Gradient a);
}
