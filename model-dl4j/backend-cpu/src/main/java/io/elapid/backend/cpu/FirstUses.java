package io.elapid.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Uses each kind of operation on registers some hundred times in turns, before kernels do.
 *
 * <p>The API's methods look at the class of an operation, and make at its first use what stands in
 * for it in the interpreter. HotSpot's compiler takes these methods to see no other classes than
 * those of the first uses; each that it has not seen is a trap, which it counts. It adds up the
 * traps of all calls that it merges into a loop, and where they are more than a hundred ({@code
 * PerMethodTrapLimit}) it trusts no class any more: with four traps of a method that every
 * operation calls, the registers of loops with more than 25 operations are kept on the heap. That
 * befell the loops over states in one process of two, where scans took five times as long. Methods
 * that are profiled while all kinds take turns are compiled for all of them.
 */
final class FirstUses {
  /** Profiles begin at 200 calls; this many took 0.15 s. */
  private static final int ROUNDS = 300;

  private FirstUses() {}

  /** Makes them; the sum of what comes out, so that nobody takes them for idle. */
  static long make() {
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
      sum += round();
    }
    return sum;
  }

  private static long round() {
    FloatVector one = Lanes.all(1f);
    FloatVector floats =
        one.add(one)
            .sub(one)
            .mul(one)
            .div(one)
            .max(one)
            .min(one)
            .neg()
            .abs()
            .lanewise(VectorOperators.SQRT)
            .lanewise(VectorOperators.FMA, one, one)
            .blend(one, one.compare(VectorOperators.LT, 0f));
    IntVector ints = floats.reinterpretAsInts();
    ints =
        ints.add(ints)
            .max(ints)
            .or(ints)
            .and(ints)
            .lanewise(VectorOperators.AND_NOT, 1)
            .lanewise(VectorOperators.LSHL, 1)
            .lanewise(VectorOperators.LSHR, 1)
            .lanewise(VectorOperators.ASHR, 1);
    LongVector longs = ints.reinterpretAsLongs();
    longs =
        longs
            .or(longs)
            .and(longs)
            .lanewise(VectorOperators.LSHL, 1)
            .lanewise(VectorOperators.LSHR, 1);
    return longs.lane(0)
        + ints.reduceLanes(VectorOperators.MAX)
        + (long) floats.reduceLanes(VectorOperators.MAX);
  }
}
