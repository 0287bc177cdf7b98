package io.elapid.kernel;

/**
 * What a selective scan is steered by, from the map that it scans: for step {@code t} of direction
 * {@code k}, which reads {@code x[t]}, and {@code [r ; b ; c] = xProj[k] x[t]} split in this order,
 * {@code delta = dtWeight[k] r}.
 *
 * <p>{@code x: (B, D, H, W)}, or {@code (B, K D, L)} where every direction has channels of its own;
 * {@code xProj: (K, R + 2 N, D)}; {@code dtWeight: (K, D, R)}. Results are in scan order, what
 * belongs to a step lies together: {@code delta: (B, K, L, D)}, {@code b, c: (B, K, L, N)}, {@code
 * r: (B, K, L, R)}. Where a step reads padding, all are zero.
 */
public interface ScanProjectionKernel {
  /** What is projected. */
  record Inputs(Tensor x, Tensor xProj, Tensor dtWeight, ScanGeometry geometry) {
    /** R. */
    public int rank() {
      return dtWeight.dim(2);
    }

    /** Rows of one direction's projection: R + 2 N. */
    public int rows() {
      return xProj.dim(1);
    }
  }

  /** Results; {@code r} is saved for the gradient. */
  record Outputs(Tensor delta, Tensor b, Tensor c, Tensor r) {}

  /** Arguments of {@link #gradient}; outputs are {@code dx}, {@code dxProj}, {@code ddtWeight}. */
  record Gradient(
      Tensor ddelta, Tensor db, Tensor dc, Tensor r, Tensor dx, Tensor dxProj, Tensor ddtWeight) {}

  /** Projects. */
  void forward(Inputs in, Outputs out);

  /**
   * With {@code dr = dtWeight^T ddelta} and {@code q = [dr ; db ; dc]} for each step: {@code dx} =
   * the sum of {@code xProj[k]^T q} over the steps that read a position, {@code dxProj[k] = sum q
   * x^T} and {@code ddtWeight[k] = sum ddelta r^T} over batch and steps.
   */
  void gradient(Inputs in, Gradient a);
}
