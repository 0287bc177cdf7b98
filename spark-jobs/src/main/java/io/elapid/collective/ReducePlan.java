package io.elapid.collective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Who adds what: every node of the tree that spans several ranks is computed by one of them, such
 * that as few sums as possible travel. The vector is cut into one segment per rank; the sum of
 * segment p goes to rank p, which hands it to the others.
 *
 * <p>The fewest are N - 1 per segment, if no two ranks cross in the tree. Then every rank sends one
 * sum per segment and its own segment to all others: 2 (N-1)/N of the vector. This is the least
 * number of changes in a labelling of the tree (Sankoff 1975), with ranks for labels.
 */
final class ReducePlan {

  /** The leaves of one rank. */
  record Share(int first, int count) {}

  /**
   * One sum that a rank computes.
   *
   * @param rank who computes it
   * @param fold of what; its inputs are the rank's own subtrees and earlier tasks
   * @param to who needs it; {@link #NOBODY} for the whole sum
   */
  record Task(int rank, Fold fold, int to) {}

  static final int NOBODY = -1;

  /** Where nobody sends anything: a node cannot be computed by a rank that does not have it. */
  private static final int NEVER = 1 << 20;

  /** A node with the number of sums that travel below it if a given rank computes it. */
  private record Costs(Fold.Own own, Costs left, Costs right, int[] travels) {
    int least() {
      return Arrays.stream(travels).min().orElseThrow();
    }
  }

  private final TreeShape shape;
  private final List<Share> shares;
  private final int[] parts;
  private final Costs root;

  /**
   * A plan for shares in rank order.
   *
   * @throws IllegalArgumentException if the shares do not cover every leaf once, in rank order
   */
  ReducePlan(int leaves, List<Share> shares) {
    this.shape = new TreeShape(leaves);
    this.shares = shares;
    this.parts = new int[shares.size()];
    int covered = 0;
    for (int rank = 0; rank < shares.size(); rank++) {
      Share share = shares.get(rank);
      if (share.first() != covered || share.count() < 0) {
        throw new IllegalArgumentException(
            "rank " + rank + " holds leaves from " + share.first() + ", expected " + covered);
      }
      covered += share.count();
    }
    if (covered != leaves) {
      throw new IllegalArgumentException("the ranks hold " + covered + " of " + leaves + " leaves");
    }
    this.root = costs(shape.root());
  }

  /** Depth first from left to right, so that the subtrees of a rank are met in their order. */
  private Costs costs(TreeShape.Node node) {
    int holder = holder(node);
    int[] travels = new int[shares.size()];
    if (holder >= 0) {
      Arrays.fill(travels, NEVER);
      travels[holder] = 0;
      return new Costs(new Fold.Own(holder, parts[holder]++), null, null, travels);
    }
    Costs left = costs(shape.left(node));
    Costs right = costs(shape.right(node));
    int leastLeft = left.least();
    int leastRight = right.least();
    Arrays.setAll(
        travels,
        rank ->
            Math.min(left.travels()[rank], leastLeft + 1)
                + Math.min(right.travels()[rank], leastRight + 1));
    return new Costs(null, left, right, travels);
  }

  /** The rank that holds all leaves of a node, or -1 if they are spread. */
  private int holder(TreeShape.Node node) {
    for (int rank = 0; rank < shares.size(); rank++) {
      Share share = shares.get(rank);
      if (node.low() >= share.first() && node.low() < share.first() + share.count()) {
        return node.high() <= share.first() + share.count() ? rank : -1;
      }
    }
    return -1;
  }

  /** Subtrees that a rank holds. */
  int parts(int rank) {
    return parts[rank];
  }

  /** The whole sum at once, over the subtrees of all ranks. */
  Fold whole() {
    Fold.Builder fold = new Fold.Builder();
    whole(root, fold);
    return fold.build();
  }

  private static void whole(Costs node, Fold.Builder fold) {
    if (node.own() != null) {
      fold.push(node.own());
    } else {
      whole(node.left(), fold);
      whole(node.right(), fold);
      fold.fold();
    }
  }

  /** The tasks of a segment, inputs first; the last one computes the whole sum. */
  List<Task> tasks(int segment) {
    List<Task> tasks = new ArrayList<>();
    assign(root, cheapest(root, segment), NOBODY, segment, tasks);
    return tasks;
  }

  /** The first rank from the segment's own on for which the fewest sums travel. */
  private int cheapest(Costs node, int segment) {
    int least = node.least();
    int ranks = shares.size();
    int rank = segment;
    while (node.travels()[rank] != least) {
      rank = (rank + 1) % ranks;
    }
    return rank;
  }

  private void assign(Costs node, int rank, int to, int segment, List<Task> tasks) {
    Fold.Builder fold = new Fold.Builder();
    collect(node, rank, segment, fold, tasks);
    tasks.add(new Task(rank, fold.build(), to));
  }

  private void collect(Costs node, int rank, int segment, Fold.Builder fold, List<Task> tasks) {
    if (node.own() != null) {
      fold.push(node.own());
      return;
    }
    for (Costs child : List.of(node.left(), node.right())) {
      if (child.travels()[rank] <= child.least() + 1) {
        collect(child, rank, segment, fold, tasks);
      } else {
        assign(child, cheapest(child, segment), rank, segment, tasks);
        fold.push(new Fold.Computed(tasks.size() - 1));
      }
    }
    fold.fold();
  }
}
