package io.elapid.export;

import java.util.List;

/** How an operation is written with standard operators. */
@FunctionalInterface
interface Translation {
  /**
   * Adds the operators.
   *
   * @return the values that stand for the operation's outputs, in their order; those that only a
   *     gradient reads may be missing at the end
   */
  List<String> translate(Call call);
}
