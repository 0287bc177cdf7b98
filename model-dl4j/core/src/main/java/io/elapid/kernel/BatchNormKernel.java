package io.elapid.kernel;

/**
 * Batch normalisation over every dimension but 1 (Ioffe and Szegedy, "Batch Normalization", 2015),
 * with an optional fused activation.
 *
 * <p>{@code x, y, dy, dx: (B, C, ...)}; all others {@code (C)}. With {@code m = B * ...} values per
 * channel:
 *
 * <pre>
 *   mean = sum(x) / m      varBiased = sum((x - mean)^2) / m      invStd = 1 / sqrt(varBiased + eps)
 *   y = act(gamma * (x - mean) * invStd + beta)
 * </pre>
 *
 * The gradients compute the activation's input anew, from the same rounded statistics and in the
 * same way as forward: that reads {@code x} once instead of {@code x} and {@code y}, and nobody
 * needs to keep the map between.
 */
public interface BatchNormKernel {
  /**
   * Arguments of {@link #train}.
   *
   * @param variance output: unbiased, {@code m / (m - 1) * varBiased} (as is where m = 1), what
   *     running averages take
   * @param invStd output: saved for the gradient
   */
  record Train(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      double eps,
      ActivationKind activation,
      Tensor y,
      Tensor mean,
      Tensor variance,
      Tensor invStd) {}

  /**
   * Arguments of {@link #moments}.
   *
   * @param mean output
   * @param variance output: unbiased, as of {@link Train}
   */
  record Moments(Tensor x, Tensor mean, Tensor variance) {}

  /** Arguments of {@link #trainGradient}: outputs are {@code dx}, {@code dgamma}, {@code dbeta}. */
  record TrainGradient(
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor invStd,
      ActivationKind activation,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {}

  /** Arguments of {@link #repeat}: what {@link #train} took and saved; the output is {@code y}. */
  record Repeat(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor invStd,
      ActivationKind activation,
      Tensor y) {}

  /**
   * Arguments of {@link #inference}: statistics are given, {@code variance} as running averages
   * hold it.
   */
  record Inference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      double eps,
      ActivationKind activation,
      Tensor y) {}

  /** Arguments of {@link #inferenceGradient}: the statistics are constants. */
  record InferenceGradient(
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      double eps,
      ActivationKind activation,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {}

  /** Normalises by the batch's own statistics. */
  void train(Train a);

  /** Writes the statistics of {@link #train} alone, to the same bits. */
  void moments(Moments a);

  /** Writes {@code y} again as {@link #train} did, to the same bits. */
  void repeat(Repeat a);

  /**
   * With {@code g = dy act'} and {@code xhat = (x - mean) * invStd}: {@code dbeta = sum(g)}, {@code
   * dgamma = sum(g * xhat)}, {@code dx = gamma * invStd * (g - dbeta / m - xhat * dgamma / m)}.
   */
  void trainGradient(TrainGradient a);

  /** Normalises by given statistics. */
  void inference(Inference a);

  /** As {@link #trainGradient} with {@code dx = gamma * invStd * g}. */
  void inferenceGradient(InferenceGradient a);
}
