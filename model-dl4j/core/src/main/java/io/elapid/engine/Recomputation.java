package io.elapid.engine;

import io.elapid.engine.rewrite.Rewrites;

/** What a backward pass computes anew instead of keeping it since the forward pass. */
public enum Recomputation {
  /** Maps that cost little, such as those of norms, activations and gates: the least memory. */
  MAPS,
  /** Nothing: the least time, to the same bits. */
  NOTHING;

  /** What programs that learn are compiled with. */
  Rewrites rewrites() {
    return switch (this) {
      case MAPS -> Rewrites.all();
      case NOTHING -> Rewrites.keepingMaps();
    };
  }
}
