package io.elapid.backend.cuda;

import java.util.Locale;

/**
 * What of a network is computed on the GPU while its tensors live in the memory of the CPU, so that
 * every operation pays for copies.
 */
enum Offload {
  /** State spaces only: they compute much for each number that is copied. */
  STATE_SPACE,
  /** Everything that there is a kernel for: what contract tests ask for. */
  ALL;

  /** System property with the choice; {@code state-space} where it is not set. */
  static final String PROPERTY = "elapid.cuda.offload";

  static Offload ofProcess() {
    String text = System.getProperty(PROPERTY, "state-space");
    for (Offload offload : values()) {
      if (offload.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text)) {
        return offload;
      }
    }
    throw new IllegalArgumentException("-D" + PROPERTY + "=" + text + ": say state-space or all");
  }
}
