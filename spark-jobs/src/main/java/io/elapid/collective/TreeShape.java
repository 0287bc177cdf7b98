package io.elapid.collective;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fixed binary tree over V leaves. It depends on V alone, which is what makes sums over it
 * independent of the number of ranks.
 *
 * <p>Its upper nodes are cut where {@link TreeSplits} says, so that no two ranks ever cross in it;
 * below them the node [low, high) is split at low + the largest power of two below high - low.
 */
final class TreeShape {

  /** A subtree, by the leaves below it: low included, high excluded. */
  record Node(int low, int high) {
    int leaves() {
      return high - low;
    }
  }

  private final int leaves;
  private final Map<Node, Integer> splits = new HashMap<>();

  TreeShape(int leaves) {
    if (leaves < 1) {
      throw new IllegalArgumentException("a tree needs a leaf, got " + leaves);
    }
    this.leaves = leaves;
    new TreeSplits(leaves).forEach(splits::put);
  }

  Node root() {
    return new Node(0, leaves);
  }

  /** The left child of a node of the tree that is no leaf. */
  Node left(Node node) {
    return new Node(node.low(), middle(node.low(), node.high()));
  }

  /** The right child of a node of the tree that is no leaf. */
  Node right(Node node) {
    return new Node(middle(node.low(), node.high()), node.high());
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

  private int middle(int low, int high) {
    Integer chosen = splits.get(new Node(low, high));
    return chosen != null ? chosen : low + Integer.highestOneBit(high - low - 1);
  }
}
