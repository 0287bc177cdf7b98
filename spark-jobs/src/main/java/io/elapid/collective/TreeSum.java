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
 * once wherever two neighbours are children of one node of the fixed tree. Holds about 20 vectors
 * at most, whatever the number of leaves, and reuses them for the next sum. Not thread-safe.
 *
 * <p>A leaf may come in stretches, so that ranks can sum those that are there while the rest is
 * still being computed.
 */
public final class TreeSum {

  /** A folded subtree and its vector. */
  record Part(TreeShape.Node node, ByteBuffer floats) {}

  /** A sum that the leaf at hand makes possible: right is added to left. */
  private record Merge(ByteBuffer left, ByteBuffer right) {}

  /** Elements from (inclusive) to (exclusive) of the leaf at hand. */
  private record Stretch(int from, int to) {}

  private final TreeShape shape;
  private final int leaves;
  private final int first;
  private final int count;
  private final int length;
  private final List<Part> parts = new ArrayList<>();
  private final Deque<ByteBuffer> spare = new ArrayDeque<>();
  private final FloatBlocks blocks = new FloatBlocks();
  private int next;

  // The leaf at hand: where it lands, what is folded then, and what of it is there.
  private ByteBuffer landing;
  private boolean landsOnOther;
  private final List<Merge> merges = new ArrayList<>();
  private final List<Stretch> stretches = new ArrayList<>();

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
    int low = firstLeaf(leaves, rank, ranks);
    return new TreeSum(leaves, low, firstLeaf(leaves, rank + 1, ranks) - low, length);
  }

  static int firstLeaf(int leaves, int rank, int ranks) {
    return (int) ((long) leaves * rank / ranks);
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
    add(leaf, floats, 0, length);
  }

  /**
   * Adds a stretch of the next leaf. Its stretches come in any order, each once; when together they
   * make up the vector, the leaf is added.
   *
   * @param floats the whole leaf, of which elements {@code from} to {@code to} are read
   */
  public void add(int leaf, ByteBuffer floats, int from, int to) {
    if (leaf != next || leaf >= first + count) {
      throw new IllegalArgumentException("leaf " + leaf + " added, expected " + next);
    }
    if (floats.remaining() != length * Float.BYTES) {
      throw new IllegalArgumentException(
          "leaf of " + floats.remaining() / Float.BYTES + " floats, expected " + length);
    }
    Objects.checkFromToIndex(from, to, length);
    if (landing == null) {
      begin(new TreeShape.Node(leaf, leaf + 1));
    }
    ByteBuffer vector = floats.slice().order(ByteOrder.nativeOrder());
    if (landsOnOther) {
      blocks.add(landing, vector, from, to);
    } else {
      int start = from * Float.BYTES;
      landing.put(start, vector, start, (to - from) * Float.BYTES);
    }
    merges.forEach(merge -> blocks.add(merge.left(), merge.right(), from, to));
    stretches.add(new Stretch(from, to));
    if (stretches.stream().mapToInt(s -> s.to() - s.from()).sum() == length) {
      end();
    }
  }

  /** Works out what the leaf completes; the vectors follow stretch by stretch. */
  private void begin(TreeShape.Node leaf) {
    landsOnOther = !parts.isEmpty() && shape.siblings(last().node(), leaf);
    if (landsOnOther) {
      Part left = parts.remove(parts.size() - 1);
      landing = left.floats();
      parts.add(new Part(joined(left.node(), leaf), landing));
    } else {
      landing = vector();
      parts.add(new Part(leaf, landing));
    }
    while (parts.size() > 1 && shape.siblings(parts.get(parts.size() - 2).node(), last().node())) {
      Part right = parts.remove(parts.size() - 1);
      Part left = parts.remove(parts.size() - 1);
      merges.add(new Merge(left.floats(), right.floats()));
      parts.add(new Part(joined(left.node(), right.node()), left.floats()));
    }
  }

  private void end() {
    merges.forEach(merge -> spare.push(merge.right()));
    forgetLeaf();
    next++;
  }

  private void forgetLeaf() {
    landing = null;
    merges.clear();
    stretches.clear();
  }

  private static TreeShape.Node joined(TreeShape.Node left, TreeShape.Node right) {
    return new TreeShape.Node(left.low(), right.high());
  }

  private Part last() {
    return parts.get(parts.size() - 1);
  }

  private ByteBuffer vector() {
    return spare.isEmpty()
        ? ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder())
        : spare.pop();
  }

  /** Whether all leaves of this rank have been added. */
  public boolean complete() {
    return next == first + count;
  }

  /** Forgets what was added and keeps the memory. */
  public void reset() {
    merges.forEach(merge -> spare.push(merge.right()));
    forgetLeaf();
    parts.forEach(part -> spare.push(part.floats()));
    parts.clear();
    next = first;
  }

  /**
   * The maximal subtrees of this rank, from left to right: those elements of their vectors.
   *
   * @throws IllegalStateException if these elements are not all added
   */
  List<Part> parts(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    boolean there =
        next == first + count - 1
            && stretches.stream().anyMatch(s -> s.from() <= from && to <= s.to());
    if (!complete() && !there) {
      throw new IllegalStateException(
          "leaves up to " + (next - 1) + " added, " + (first + count - 1) + " is the last one");
    }
    return parts.stream().map(part -> new Part(part.node(), slice(part, from, to))).toList();
  }

  private static ByteBuffer slice(Part part, int from, int to) {
    return part.floats()
        .slice(from * Float.BYTES, (to - from) * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }
}
