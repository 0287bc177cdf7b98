package io.elapid.collective;

import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Where the upper nodes of the tree over V leaves are cut.
 *
 * <p>If ranks hold blocks of neighbouring leaves and two blocks both reach in and out of one node,
 * partial sums of both must pass that node, and the ranks send more than one vector each. A node is
 * free of that for N ranks if one of its ends is a boundary between the blocks, or if none is
 * inside. Of the trees in which every node is free for every N of {@link #FRIENDLY}, this is the
 * one with the fewest levels over all leaves; ties go to the leftmost cut. One always exists: the
 * chain.
 */
final class TreeSplits {
  /** Numbers of ranks whose sums travel with the least bytes. */
  static final List<Integer> FRIENDLY = List.of(1, 2, 3, 4, 5, 6, 7, 8, 16);

  private final int leaves;
  private final int[] cuts;
  private final int[][] split;
  private final long[][] crossings;
  private final long[][] levels;

  TreeSplits(int leaves) {
    this.leaves = leaves;
    this.cuts = boundaries(leaves);
    int count = cuts.length;
    this.split = new int[count][count];
    this.crossings = new long[count][count];
    this.levels = new long[count][count];
    for (int width = 2; width < count; width++) {
      for (int from = 0; from + width < count; from++) {
        choose(from, from + width);
      }
    }
  }

  private static int[] boundaries(int leaves) {
    TreeSet<Integer> all = new TreeSet<>();
    for (int ranks : FRIENDLY) {
      for (int rank = 0; rank <= ranks; rank++) {
        all.add(TreeSum.firstLeaf(leaves, rank, ranks));
      }
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private void choose(int from, int to) {
    long fewestCrossings = Long.MAX_VALUE;
    long fewestLevels = Long.MAX_VALUE;
    for (int at = from + 1; at < to; at++) {
      long crossing = crossings[from][at] + crossings[at][to];
      long level = levels[from][at] + levels[at][to];
      if (crossing < fewestCrossings || (crossing == fewestCrossings && level < fewestLevels)) {
        fewestCrossings = crossing;
        fewestLevels = level;
        split[from][to] = at;
      }
    }
    crossings[from][to] = fewestCrossings + crossed(cuts[from], cuts[to]);
    levels[from][to] = fewestLevels + cuts[to] - cuts[from];
  }

  /** For how many numbers of ranks two blocks reach in and out of the node. */
  private long crossed(int low, int high) {
    return FRIENDLY.stream()
        .filter(ranks -> ranks <= leaves)
        .filter(ranks -> !isBoundary(low, ranks) && !isBoundary(high, ranks))
        .filter(ranks -> nextBoundary(low, ranks) < high)
        .count();
  }

  private boolean isBoundary(int leaf, int ranks) {
    return nextBoundary(leaf, ranks) == leaf;
  }

  /** The first boundary at or behind a leaf. */
  private int nextBoundary(int leaf, int ranks) {
    int rank = (int) ((long) leaf * ranks / leaves);
    int boundary = TreeSum.firstLeaf(leaves, rank, ranks);
    return boundary >= leaf ? boundary : TreeSum.firstLeaf(leaves, rank + 1, ranks);
  }

  /** Tells of every node that is cut, and where. */
  void forEach(BiConsumer<TreeShape.Node, Integer> told) {
    tell(0, cuts.length - 1, told);
  }

  private void tell(int from, int to, BiConsumer<TreeShape.Node, Integer> told) {
    if (to - from > 1) {
      int at = split[from][to];
      told.accept(new TreeShape.Node(cuts[from], cuts[to]), cuts[at]);
      tell(from, at, told);
      tell(at, to, told);
    }
  }
}
