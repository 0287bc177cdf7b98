package io.elapid.golden;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Pseudo-random weights and inputs as pure functions of (tensor name, element, seed), so that
 * goldens need not ship them.
 *
 * <p>Element i is SplitMix64 at position i + 1 from the state {@code FNV1a64(name) xor seed}; its
 * top 24 bits are the fraction u in [0, 1). Everything after that is float32 arithmetic, one
 * rounding per operation; the logarithm of {@code 1 + u N} is computed in double, sum included.
 */
public final class Filler {
  private final long seed;

  public Filler(long seed) {
    this.seed = seed;
  }

  static long fnv1a64(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return hash;
  }

  /** {@code n} values u in [0, 1). */
  public float[] uniform(String name, int n) {
    float[] u = new float[n];
    long state = fnv1a64(name) ^ seed;
    for (int i = 0; i < n; i++) {
      long z = state + (i + 1L) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z = z ^ (z >>> 31);
      u[i] = (z >>> 40) * 0x1p-24f;
    }
    return u;
  }

  /** {@code n} values {@code lo + (hi - lo) * u}. */
  public float[] range(String name, int n, double lo, double hi) {
    return affine(uniform(name, n), (float) hi - (float) lo, (float) lo);
  }

  /** An image batch or any other input in [-1, 1): {@code 2u - 1}. */
  public float[] input(String name, int n) {
    return affine(uniform(name, n), 2, -1);
  }

  /**
   * The values of the parameter or buffer {@code name}; empty where the rule is to leave it alone.
   * First matching rule wins.
   */
  public Optional<float[]> parameter(String name, long... shape) {
    String leaf = name.substring(name.lastIndexOf('.') + 1);
    if (leaf.equals("num_batches_tracked")
        || leaf.equals("wt_filter")
        || leaf.equals("iwt_filter")) {
      return Optional.empty();
    }
    float[] u = uniform(name, (int) product(shape, 0));
    long last = shape.length == 0 ? 1 : shape[shape.length - 1];
    return Optional.of(
        switch (leaf) {
          case "running_var", "Ds", "D" -> affine(u, 1, 0.5f);
          case "running_mean" -> affine(u, 0.2f, -0.1f);
          case "dt_projs_weight" -> scaled(u, Math.pow((double) last, -0.5));
          case "dt_projs_bias" -> affine(u, 2, -4);
          case "x_proj_weight" -> scaled(u, Math.sqrt(27.0 / (double) last));
          case "A" -> affine(u, 15, 1);
          case "alpha" -> affine(u, 2, -3);
          default -> byName(name, leaf, u, shape);
        });
  }

  private static float[] byName(String name, String leaf, float[] u, long[] shape) {
    if (leaf.contains("A_log")) {
      return logarithm(u, shape[shape.length - 1]);
    }
    if (name.equals("weights") || name.equals("weights_dist")) {
      return affine(u, 2, -1);
    }
    if (leaf.equals("layer_scale") || name.contains(".wavelet_scale.")) {
      return affine(u, 0.2f, 0.1f);
    }
    if (name.contains(".base_scale.")) {
      return affine(u, 1, 0.5f);
    }
    if (closesResidualBranch(name)) {
      return affine(u, 0.2f, 0.1f);
    }
    if (leaf.equals("bias")) {
      return affine(u, 0.2f, -0.1f);
    }
    if (leaf.equals("weight") && isScale(shape)) {
      return affine(u, 1, 0.5f);
    }
    if (leaf.equals("weight")) {
      return scaled(u, Math.sqrt(3.0 / (double) product(shape, 1)));
    }
    throw new IllegalArgumentException("no rule for " + name);
  }

  private static boolean closesResidualBranch(String name) {
    return name.endsWith(".mlp.fc2.bn.weight")
        || name.endsWith(".op.out_proj.bn.weight")
        || name.endsWith(".m.bn.weight")
        || name.endsWith(".m.pw2.bn.weight")
        || name.endsWith(".attn.proj.1.bn.weight");
  }

  private static boolean isScale(long[] shape) {
    return shape.length == 1 || (shape.length >= 3 && shape[0] == 1 && product(shape, 2) == 1);
  }

  private static long product(long[] shape, int from) {
    long product = 1;
    for (int i = from; i < shape.length; i++) {
      product *= shape[i];
    }
    return product;
  }

  private static float[] affine(float[] u, float scale, float shift) {
    for (int i = 0; i < u.length; i++) {
      float scaled = scale * u[i];
      u[i] = scaled + shift;
    }
    return u;
  }

  private static float[] scaled(float[] u, double scale) {
    float factor = (float) scale;
    for (int i = 0; i < u.length; i++) {
      u[i] = (2 * u[i] - 1) * factor;
    }
    return u;
  }

  private static float[] logarithm(float[] u, long states) {
    for (int i = 0; i < u.length; i++) {
      float scaled = u[i] * states;
      u[i] = (float) Math.log(1.0 + scaled);
    }
    return u;
  }
}
