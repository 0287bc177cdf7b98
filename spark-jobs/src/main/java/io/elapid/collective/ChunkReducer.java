package io.elapid.collective;

import java.nio.FloatBuffer;

/** Sums a chunk of all inputs of a {@link Fold}, block by block. */
final class ChunkReducer {
  private final int[] folds;
  private final float[][] stack;

  ChunkReducer(Fold fold) {
    folds = fold.folds().stream().mapToInt(Integer::intValue).toArray();
    stack = new float[fold.depth()][FloatBlocks.BLOCK];
  }

  /**
   * Sums {@code length} floats.
   *
   * @param inputs one buffer per input of the fold
   * @param offsets where the chunk begins in each of them
   * @param output receives the sum from index {@code outputOffset} on; may be one of the inputs at
   *     its own place
   */
  void reduce(
      FloatBuffer[] inputs, int[] offsets, FloatBuffer output, int outputOffset, int length) {
    for (int from = 0; from < length; from += FloatBlocks.BLOCK) {
      int n = Math.min(FloatBlocks.BLOCK, length - from);
      int top = 0;
      for (int i = 0; i < inputs.length; i++) {
        inputs[i].get(offsets[i] + from, stack[top++], 0, n);
        for (int fold = folds[i]; fold > 0; fold--) {
          top--;
          FloatBlocks.add(stack[top - 1], stack[top], n);
        }
      }
      output.put(outputOffset + from, stack[0], 0, n);
    }
  }
}
