package io.elapid.collective;

import java.util.ArrayList;
import java.util.List;

/**
 * The fixed binary tree over V leaves: the node [low, high) is split at low + the largest power of
 * two below high - low. It depends on V alone, which is what makes sums over it independent of the
 * number of ranks.
 */
final class TreeShape {

  /** A subtree, by the leaves below it: low included, high excluded. */
  record Node(int low, int high) {
    int leaves() {
      return high - low;
    }
  }

  private final int leaves;

  TreeShape(int leaves) {
    if (leaves < 1) {
      throw new IllegalArgumentException("a tree needs a leaf, got " + leaves);
    }
    this.leaves = leaves;
  }

  /** Whether the tree has a node that covers exactly these leaves. */
  boolean isNode(int low, int high) {
    int nodeLow = 0;
    int nodeHigh = leaves;
    while (nodeHigh - nodeLow > high - low) {
      int middle = middle(nodeLow, nodeHigh);
      if (low < middle) {
        nodeHigh = middle;
      } else {
        nodeLow = middle;
      }
    }
    return nodeLow == low && nodeHigh == high;
  }

  /** Whether left and right are the two children of one node. */
  boolean siblings(Node left, Node right) {
    return left.high() == right.low()
        && isNode(left.low(), right.high())
        && middle(left.low(), right.high()) == left.high();
  }

  /** The fewest nodes that cover a range of leaves, from left to right. */
  List<Node> maximalNodes(int low, int high) {
    List<Node> nodes = new ArrayList<>();
    for (int leaf = low; leaf < high; leaf++) {
      Node node = new Node(leaf, leaf + 1);
      while (!nodes.isEmpty() && siblings(nodes.get(nodes.size() - 1), node)) {
        node = new Node(nodes.remove(nodes.size() - 1).low(), node.high());
      }
      nodes.add(node);
    }
    return nodes;
  }

  private static int middle(int low, int high) {
    return low + Integer.highestOneBit(high - low - 1);
  }
}
