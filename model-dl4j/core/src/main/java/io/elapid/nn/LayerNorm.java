package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.LayerNorm2d;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Layer norm over the channel dimension at every position. Parameters {@code weight}, {@code bias}
 * of C values; EfficientViM's have the shapes (1, C, 1) for sequences and (1, C, 1, 1) for maps.
 */
public final class LayerNorm {
  private LayerNorm() {}

  /** Normalises a map, with parameters of shape (C). */
  public static FeatureMap apply(Scope scope, FeatureMap x) {
    return x.with(apply(scope, x.value(), x.channels()));
  }

  /** Normalises {@code x} (B, C, L). */
  public static SDVariable ofSequence(Scope scope, SDVariable x, long channels) {
    return apply(scope, x, 1, channels, 1);
  }

  /** Normalises {@code x} (B, C, H, W). */
  public static SDVariable ofMap(Scope scope, SDVariable x, long channels) {
    return apply(scope, x, 1, channels, 1, 1);
  }

  private static SDVariable apply(Scope scope, SDVariable x, long... shape) {
    SDVariable weight = scope.parameter("weight", Initializer.one(), shape);
    SDVariable bias = scope.parameter("bias", Initializer.zero(), shape);
    return scope.tap(LayerNorm2d.apply(scope.graph(), x, weight, bias));
  }
}
