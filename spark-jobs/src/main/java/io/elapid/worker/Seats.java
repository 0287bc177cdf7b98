package io.elapid.worker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The seats of this executor: as many as it has had ranks at the same time. */
final class Seats {
  /** A process of Spark has no other place for what outlives a task. */
  private static final Seats OF_THIS_PROCESS = new Seats();

  private final List<Seat> free = new ArrayList<>();

  static Seats ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /**
   * Does a rank's work on a seat of the same attempt of the run, on the one where it went on before
   * if there is such a one. A seat where something goes wrong is given up.
   */
  <T> T with(AveragingTask task, int rank, Seat.Work<T> work) throws Exception {
    Seat seat = take(task, rank);
    boolean done = false;
    try {
      T result = seat.call(work);
      done = true;
      return result;
    } finally {
      if (done) {
        giveBack(seat);
      } else {
        seat.leave();
      }
    }
  }

  private synchronized Seat take(AveragingTask task, int rank) {
    List<Seat> foreign = free.stream().filter(seat -> !seat.rank().trains(task)).toList();
    foreign.forEach(Seat::leave);
    free.removeAll(foreign);
    Seat seat =
        free.stream()
            .min(Comparator.comparingInt(one -> one.rank().is(rank) ? 0 : 1))
            .orElseGet(() -> new Seat(new RoundRank(task), this::vacate));
    free.remove(seat);
    return seat;
  }

  private synchronized void giveBack(Seat seat) {
    free.add(seat);
  }

  private synchronized boolean vacate(Seat seat) {
    return free.remove(seat);
  }
}
