package io.elapid.collective;

import java.nio.FloatBuffer;
import java.util.List;

/** Sums a chunk of all operands of a plan in the order of the tree, block by block. */
final class ChunkReducer {
  private final List<ReducePlan.Operand> operands;
  private final float[][] stack;

  ChunkReducer(ReducePlan plan) {
    operands = plan.operands();
    stack = new float[plan.depth()][FloatBlocks.BLOCK];
  }

  /**
   * Sums {@code length} floats.
   *
   * @param inputs one buffer per operand of the plan
   * @param offsets where the chunk begins in each of them
   * @param output receives the sum from index {@code outputOffset} on
   */
  void reduce(
      FloatBuffer[] inputs, int[] offsets, FloatBuffer output, int outputOffset, int length) {
    for (int from = 0; from < length; from += FloatBlocks.BLOCK) {
      int n = Math.min(FloatBlocks.BLOCK, length - from);
      int top = 0;
      for (int i = 0; i < inputs.length; i++) {
        inputs[i].get(offsets[i] + from, stack[top++], 0, n);
        for (int fold = operands.get(i).folds(); fold > 0; fold--) {
          top--;
          FloatBlocks.add(stack[top - 1], stack[top], n);
        }
      }
      output.put(outputOffset + from, stack[0], 0, n);
    }
  }
}
