package io.elapid.collective;

import java.util.ArrayList;
import java.util.List;

/**
 * A sum in the order of the tree, as on a stack: every input is pushed and followed by some folds
 * of the two topmost sums.
 *
 * @param folds how often the two topmost sums are folded after each input
 */
record Fold(List<Input> inputs, List<Integer> folds) {

  /** What is added. */
  sealed interface Input {}

  /** A subtree of one rank, by its place among the subtrees of that rank. */
  record Own(int rank, int part) implements Input {}

  /** What a task of the same segment has computed. */
  record Computed(int task) implements Input {}

  /** Sums that are on the stack at the same time, at most. */
  int depth() {
    int top = 0;
    int deepest = 0;
    for (int fold : folds) {
      deepest = Math.max(deepest, ++top);
      top -= fold;
    }
    return deepest;
  }

  /** Whether this is nothing but a subtree as a rank holds it. */
  boolean isOwn() {
    return inputs.size() == 1 && inputs.get(0) instanceof Own;
  }

  /** Collects a sum from left to right. */
  static final class Builder {
    private final List<Input> inputs = new ArrayList<>();
    private final List<Integer> folds = new ArrayList<>();

    void push(Input input) {
      inputs.add(input);
      folds.add(0);
    }

    void fold() {
      folds.set(folds.size() - 1, folds.get(folds.size() - 1) + 1);
    }

    Fold build() {
      return new Fold(List.copyOf(inputs), List.copyOf(folds));
    }
  }
}
