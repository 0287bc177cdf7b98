package io.elapid.graph;

import java.nio.charset.StandardCharsets;

/**
 * A random sequence that is a function of a seed and a name only (SplitMix64 over an FNV-1a hash),
 * so that a parameter starts alike whatever else the network contains.
 */
final class NamedRandom {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final long FNV_START = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private long state;

  NamedRandom(long seed, String name) {
    long hash = FNV_START;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    // neighbouring seeds must not give shifted copies of one sequence
    state = hash ^ mix(seed);
  }

  /** Uniform in [0, 1). */
  double uniform() {
    state += GAMMA;
    return (mix(state) >>> 11) * 0x1p-53;
  }

  /** Standard normal (Box and Muller). */
  double normal() {
    double radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
