package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * One rank's part of a sum over V leaves: vectors of float32, added in leaf order and folded at
 * once wherever two neighbours are children of one node of the fixed tree. Holds at most about 2
 * log2(V) vectors, whatever the number of leaves, and reuses them for the next sum. Not
 * thread-safe.
 */
public final class TreeSum {

  /** A folded subtree and its vector. */
  record Part(TreeShape.Node node, ByteBuffer floats) {}

  private final TreeShape shape;
  private final int leaves;
  private final int first;
  private final int count;
  private final int length;
  private final List<Part> parts = new ArrayList<>();
  private final Deque<ByteBuffer> spare = new ArrayDeque<>();
  private final FloatBlocks blocks = new FloatBlocks();
  private int next;

  /**
   * A sum of {@code leaves} vectors of {@code length} floats, of which this rank adds {@code count}
   * from {@code first} on.
   */
  public TreeSum(int leaves, int first, int count, int length) {
    Objects.checkFromIndexSize(first, count, leaves);
    if (length < 0 || length > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException("vector of " + length + " floats");
    }
    this.shape = new TreeShape(leaves);
    this.leaves = leaves;
    this.first = first;
    this.count = count;
    this.length = length;
    this.next = first;
  }

  /** The part of rank {@code rank} of {@code ranks}: leaves [V rank / N, V (rank + 1) / N). */
  public static TreeSum forRank(int leaves, int rank, int ranks, int length) {
    Objects.checkIndex(rank, ranks);
    int low = (int) ((long) leaves * rank / ranks);
    int high = (int) ((long) leaves * (rank + 1) / ranks);
    return new TreeSum(leaves, low, high - low, length);
  }

  /** Leaves of the whole tree. */
  public int leaves() {
    return leaves;
  }

  /** First leaf of this rank. */
  public int first() {
    return first;
  }

  /** Leaves of this rank. */
  public int count() {
    return count;
  }

  /** Floats per vector. */
  public int length() {
    return length;
  }

  /**
   * Adds the next leaf. The vector is copied or folded before the call returns; its position does
   * not move.
   *
   * @param leaf index of the leaf, in order from {@link #first}
   * @param floats {@link #length} floats remaining, native byte order whatever the buffer says
   */
  public void add(int leaf, ByteBuffer floats) {
    if (leaf != next || leaf >= first + count) {
      throw new IllegalArgumentException("leaf " + leaf + " added, expected " + next);
    }
    if (floats.remaining() != length * Float.BYTES) {
      throw new IllegalArgumentException(
          "leaf of " + floats.remaining() / Float.BYTES + " floats, expected " + length);
    }
    ByteBuffer vector = floats.duplicate().order(ByteOrder.nativeOrder());
    TreeShape.Node node = new TreeShape.Node(leaf, leaf + 1);
    if (parts.isEmpty() || !shape.siblings(last().node(), node)) {
      parts.add(new Part(node, copy(vector)));
    } else {
      foldIntoLast(node, vector);
      foldUpwards();
    }
    next++;
  }

  private void foldIntoLast(TreeShape.Node right, ByteBuffer vector) {
    Part left = parts.remove(parts.size() - 1);
    blocks.add(left.floats(), vector, length);
    parts.add(new Part(new TreeShape.Node(left.node().low(), right.high()), left.floats()));
  }

  private void foldUpwards() {
    while (parts.size() > 1 && shape.siblings(parts.get(parts.size() - 2).node(), last().node())) {
      Part right = parts.remove(parts.size() - 1);
      foldIntoLast(right.node(), right.floats());
      spare.push(right.floats());
    }
  }

  private Part last() {
    return parts.get(parts.size() - 1);
  }

  private ByteBuffer copy(ByteBuffer vector) {
    ByteBuffer own =
        spare.isEmpty()
            ? ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder())
            : spare.pop();
    return own.clear().put(vector).flip();
  }

  /** Whether all leaves of this rank have been added. */
  public boolean complete() {
    return next == first + count;
  }

  /** Forgets what was added and keeps the memory. */
  public void reset() {
    parts.forEach(part -> spare.push(part.floats()));
    parts.clear();
    next = first;
  }

  /** The maximal subtrees of this rank, from left to right. */
  List<Part> parts() {
    if (!complete()) {
      throw new IllegalStateException(
          "leaves up to " + (next - 1) + " added, " + (first + count - 1) + " is the last one");
    }
    return parts;
  }

  TreeShape shape() {
    return shape;
  }
}
