package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fixed tree, and how many sums travel in it. */
class TreeShapeTest {

  private static String text(TreeShape tree, TreeShape.Node node) {
    return node.leaves() == 1
        ? String.valueOf(node.low())
        : "(" + text(tree, tree.left(node)) + " " + text(tree, tree.right(node)) + ")";
  }

  /** Checkpoints of one version go on in the next only if the tree stays as it is. */
  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "2, (0 1)",
    "3, (0 (1 2))",
    "4, ((0 1) (2 3))",
    "6, (((0 1) 2) (3 (4 5)))",
    "8, (((0 1) (2 3)) (4 (5 (6 7))))",
    "12, (((((0 1) 2) 3) (4 5)) (6 (7 (8 (9 (10 11))))))"
  })
  void theTreeIsAFunctionOfTheNumberOfLeaves(int leaves, String expected) {
    TreeShape tree = new TreeShape(leaves);

    assertThat(text(tree, tree.root())).isEqualTo(expected);
  }

  private static ReducePlan plan(int leaves, int ranks) {
    List<ReducePlan.Share> shares = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      TreeSum sum = TreeSum.forRank(leaves, rank, ranks, 0);
      shares.add(new ReducePlan.Share(sum.first(), sum.count()));
    }
    return new ReducePlan(leaves, shares);
  }

  @Test
  void everyRankSendsOneSumPerSegmentForUpTo8And16Ranks() {
    for (int ranks : TreeSplits.FRIENDLY) {
      for (int leaves = ranks; leaves <= 100; leaves++) {
        ReducePlan plan = plan(leaves, ranks);
        for (int segment = 0; segment < ranks; segment++) {
          List<ReducePlan.Task> tasks = plan.tasks(segment);
          assertThat(tasks).as("%d leaves on %d ranks", leaves, ranks).hasSize(ranks);
          assertThat(tasks.stream().map(ReducePlan.Task::rank)).doesNotHaveDuplicates();
        }
      }
    }
  }

  @Test
  void otherNumbersOfRanksSendLittleMore() {
    for (int ranks : new int[] {9, 10, 12, 24, 32}) {
      int tasks = plan(64, ranks).tasks(0).size();
      int sent = tasks - 1 + ranks - 1;
      assertThat(sent).isBetween(2 * (ranks - 1), 8 * (ranks - 1) / 3);
    }
  }

  @Test
  void aRankHoldsFewSubtreesHoweverManyLeavesItHas() {
    for (int ranks = 1; ranks <= 8; ranks++) {
      int most = IntStream.range(0, ranks).map(plan(4096, ranks)::parts).max().orElseThrow();
      assertThat(most).isLessThan(20);
    }
  }

  @Test
  void everyTaskHasALeafOfItsRankAndEverySubtreeIsAddedOnce() {
    for (int ranks = 1; ranks <= 12; ranks++) {
      ReducePlan plan = plan(37, ranks);
      for (int segment = 0; segment < ranks; segment++) {
        List<Fold.Own> added = new ArrayList<>();
        for (ReducePlan.Task task : plan.tasks(segment)) {
          List<Fold.Own> own =
              task.fold().inputs().stream()
                  .filter(Fold.Own.class::isInstance)
                  .map(Fold.Own.class::cast)
                  .toList();
          assertThat(own).isNotEmpty().allMatch(input -> input.rank() == task.rank());
          added.addAll(own);
        }
        assertThat(added).containsExactlyInAnyOrderElementsOf(all(plan, ranks));
      }
    }
  }

  private static List<Fold.Own> all(ReducePlan plan, int ranks) {
    List<Fold.Own> all = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      for (int part = 0; part < plan.parts(rank); part++) {
        all.add(new Fold.Own(rank, part));
      }
    }
    return all;
  }
}
