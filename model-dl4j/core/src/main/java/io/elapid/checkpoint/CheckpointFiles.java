package io.elapid.checkpoint;

/** Names inside a checkpoint folder. */
final class CheckpointFiles {
  static final String MODEL = "model.safetensors";
  static final String EMA = "ema.safetensors";
  static final String STATE = "state.safetensors";
  static final String RECIPE = "recipe.conf";
  static final String MANIFEST = "manifest.json";

  private CheckpointFiles() {}
}
