package io.elapid.worker;

import io.elapid.dl4j.StateStep;
import java.nio.ByteBuffer;

/**
 * What the ranks of a run do whose states DL4J averages; shipped to every executor.
 *
 * @param run what is trained
 * @param ranks how many train
 */
record AveragingTask(TrainTask run, int ranks) implements StateStep {

  /** Prepares a rank to go on from a step, and returns the number of steps of an epoch. */
  long open(int rank, long step) throws Exception {
    TaskPlace place = TaskPlace.here(rank, ranks);
    return Seats.ofThisProcess().with(this, rank, seated -> seated.open(place, step));
  }

  @Override
  public double run(int rank, long step, ByteBuffer state) throws Exception {
    TaskPlace place = TaskPlace.here(rank, ranks);
    return Seats.ofThisProcess().with(this, rank, seated -> seated.step(place, step, state));
  }

  /** Measures a state after so many steps on a rank's share of the split. */
  String evaluate(int rank, long step, ByteBuffer state) throws Exception {
    TaskPlace place = TaskPlace.here(rank, ranks);
    return Seats.ofThisProcess().with(this, rank, seated -> seated.evaluate(place, step, state));
  }

  /** Whether it is the same attempt of the same run. */
  boolean same(AveragingTask other) {
    return run.runId().equals(other.run.runId()) && run.attempt() == other.run.attempt();
  }
}
