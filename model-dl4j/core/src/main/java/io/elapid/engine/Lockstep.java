package io.elapid.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs the passes of several shards side by side: each on to where the shards of a batch meet, one
 * after the other, and all on from there.
 */
final class Lockstep {
  private Lockstep() {}

  /** Sees what a shard has to say before the others do. */
  @FunctionalInterface
  interface Check {
    /** May throw; the others then wait in vain until they hear of the failure. */
    void check(int shard, String meeting, double[] share);
  }

  static void run(List<StepProgram.Pass> passes, ShardMeeting meeting, Check check) {
    while (advance(passes)) {
      List<double[]> shares = new ArrayList<>();
      for (int shard = 0; shard < passes.size(); shard++) {
        StepProgram.Pass pass = passes.get(shard);
        double[] share = pass.share();
        check.check(shard, pass.meeting(), share);
        shares.add(share);
      }
      List<double[]> all = meeting.meet(shares);
      passes.forEach(pass -> pass.conclude(all));
    }
  }

  /** Whether they have come to a meeting, not to their ends. */
  private static boolean advance(List<StepProgram.Pass> passes) {
    int meeting = 0;
    for (StepProgram.Pass pass : passes) {
      meeting += pass.advance() ? 1 : 0;
    }
    if (meeting != 0 && meeting != passes.size()) {
      throw new IllegalStateException(
          "%d of %d shards are at their end while the others meet"
              .formatted(passes.size() - meeting, passes.size()));
    }
    return meeting != 0;
  }
}
