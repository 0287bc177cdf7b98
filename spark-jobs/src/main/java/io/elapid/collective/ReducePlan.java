package io.elapid.collective;

import java.util.ArrayList;
import java.util.List;

/**
 * How the maximal subtrees of all ranks add up to the root: operands from left to right, each
 * followed by some folds of the two topmost sums, as on a stack.
 */
final class ReducePlan {

  /** The leaves of one rank. */
  record Share(int first, int count) {}

  /**
   * One vector on its way into the sum.
   *
   * @param part index among the subtrees of its rank
   * @param folds how often the two topmost sums are folded after this operand
   */
  record Operand(int rank, int part, int folds) {}

  private final List<Operand> operands = new ArrayList<>();
  private final int[] partsOfRank;
  private int depth;

  /**
   * A plan for shares in rank order.
   *
   * @throws IllegalArgumentException if the shares do not cover every leaf once, in rank order
   */
  ReducePlan(int leaves, List<Share> shares) {
    TreeShape shape = new TreeShape(leaves);
    partsOfRank = new int[shares.size()];
    List<TreeShape.Node> stack = new ArrayList<>();
    int covered = 0;
    for (int rank = 0; rank < shares.size(); rank++) {
      Share share = shares.get(rank);
      if (share.first() != covered || share.count() < 0) {
        throw new IllegalArgumentException(
            "rank " + rank + " holds leaves from " + share.first() + ", expected " + covered);
      }
      covered += share.count();
      for (TreeShape.Node node : shape.maximalNodes(share.first(), covered)) {
        operands.add(new Operand(rank, partsOfRank[rank]++, push(shape, stack, node)));
      }
    }
    if (covered != leaves) {
      throw new IllegalArgumentException("the ranks hold " + covered + " of " + leaves + " leaves");
    }
  }

  private int push(TreeShape shape, List<TreeShape.Node> stack, TreeShape.Node node) {
    stack.add(node);
    depth = Math.max(depth, stack.size());
    int folds = 0;
    int size = stack.size();
    while (size > 1 && shape.siblings(stack.get(size - 2), stack.get(size - 1))) {
      TreeShape.Node right = stack.remove(size - 1);
      TreeShape.Node left = stack.remove(size - 2);
      stack.add(new TreeShape.Node(left.low(), right.high()));
      size--;
      folds++;
    }
    return folds;
  }

  List<Operand> operands() {
    return operands;
  }

  int parts(int rank) {
    return partsOfRank[rank];
  }

  /** Sums that are on the stack at the same time, at most. */
  int depth() {
    return depth;
  }
}
