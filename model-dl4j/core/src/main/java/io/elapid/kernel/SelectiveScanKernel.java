package io.elapid.kernel;

import java.util.Optional;

/**
 * Selective scan (S6; Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State
 * Spaces", 2023) along the directions of a map.
 *
 * <pre>
 *   dt[t]  = rule(delta[t] + bias)            A = -exp(aLog)
 *   h[n,t] = exp(dt[t] A[n]) h[n,t-1] + dt[t] b[n,t] u[t]        h[n,-1] = 0
 *   y[t]   = sum_n c[n,t] h[n,t] + skip u[t]
 * </pre>
 *
 * for each of the D channels of each of K directions; {@code u[t]} is the map at the position that
 * step {@code t} reads, and the outputs of all directions are added where they fall on the same
 * position. {@code u, y: (B, D, H, W)}, or {@code (B, K D, L)} where every direction has channels
 * of its own; {@code delta: (B, K, L, D)}; {@code b, c: (B, K, L, N)}; {@code aLog: (K D, N)};
 * {@code skip, bias}: K D values in any shape.
 */
public interface SelectiveScanKernel {
  /** What is scanned. */
  record Inputs(
      Tensor u,
      Tensor delta,
      Tensor b,
      Tensor c,
      Tensor aLog,
      Optional<Tensor> skip,
      Optional<Tensor> bias,
      StepRule rule,
      ScanGeometry geometry) {}

  /** Gradients of the tensors of {@link Inputs}, of the optional ones if they are there. */
  record Outputs(
      Tensor du,
      Tensor ddelta,
      Tensor db,
      Tensor dc,
      Tensor daLog,
      Optional<Tensor> dskip,
      Optional<Tensor> dbias) {}

  /**
   * Writes {@code y} and, saved for the gradient, {@code states: (B, K, S, N, D)}: element {@code
   * i} of the S that {@link ScanGeometry#savedStates} counts is {@code h} after {@code min((i + 1)
   * CHUNK, L)} steps.
   */
  void forward(Inputs in, Tensor y, Tensor states);

  /**
   * With {@code a = exp(dt A)} and {@code g[n,t] = dy[t] c[n,t] + a[n,t+1] g[n,t+1]}, the
   * derivative with respect to {@code h[n,t]}:
   *
   * <pre>
   *   dc[n,t] = sum_d dy[t] h[n,t]                db[n,t] = sum_d g[n,t] dt[t] u[t]
   *   du[t]   = sum over directions of dt[t] sum_n g[n,t] b[n,t] + skip dy[t]
   *   ddt[t]  = sum_n g[n,t] (h[n,t-1] a[n,t] A[n] + b[n,t] u[t])     ddelta = ddt rule'(delta + bias)
   *   daLog[n] = A[n] sum_t g[n,t] h[n,t-1] a[n,t] dt[t]    dskip = sum_t dy u    dbias = sum_t ddelta
   * </pre>
   *
   * the last three summed over the batch too.
   */
  void gradient(Inputs in, Tensor dy, Tensor states, Outputs out);
}
