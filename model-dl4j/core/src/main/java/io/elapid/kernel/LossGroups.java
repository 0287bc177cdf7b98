package io.elapid.kernel;

/**
 * How predictions are cut into groups: {@code rows} times {@code values} at each of {@code
 * positions}, in this order in memory; see {@link LossKernel}.
 */
public record LossGroups(int rows, int values, int positions) {
  /** For predictions {@code x} and one number per group. */
  public static LossGroups of(Tensor x, Tensor perGroup) {
    int positions = x.rank() > 2 ? x.sizeFrom(2) : 1;
    int values = perGroup.size() == 0 ? 1 : x.size() / perGroup.size();
    return new LossGroups(x.size() / (values * positions), values, positions);
  }

  /** The group of element {@code i}. */
  public int group(int i) {
    return i / (values * positions) * positions + i % positions;
  }

  /** Which of its group's values element {@code i} is. */
  public int value(int i) {
    return i / positions % values;
  }

  /** The element that holds a value of a group. */
  public int element(int group, int value) {
    return (group / positions * values + value) * positions + group % positions;
  }

  /** Number of groups. */
  public int count() {
    return rows * positions;
  }
}
