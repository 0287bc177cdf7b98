package io.elapid.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Everything that goes on between this rank and one peer during a sum, in its order. */
final class PeerTraffic {
  static final int NONE = -1;

  /** The way of a segment's sum from one rank to another. */
  static final class ResultFlow {
    private final int segment;
    private int moved;

    private ResultFlow(int segment) {
      this.segment = segment;
    }

    int segment() {
      return segment;
    }

    /** Chunks that have gone this way. */
    int moved() {
      return moved;
    }

    void move() {
      moved++;
    }

    boolean finished(Segments segments) {
      return moved == segments.chunks(segment);
    }
  }

  private final List<SumTask> partialsOut = new ArrayList<>();
  private final List<SumTask.Inflow> partialsIn = new ArrayList<>();
  private final List<ResultFlow> resultsOut = new ArrayList<>();
  private final List<ResultFlow> resultsIn = new ArrayList<>();
  private int partialsSent;
  private int partialsReceived;

  void send(SumTask partial) {
    partialsOut.add(partial);
  }

  void receive(SumTask.Inflow partial) {
    partialsIn.add(partial);
  }

  void sendResult(int segment) {
    resultsOut.add(new ResultFlow(segment));
  }

  void receiveResult(int segment) {
    resultsIn.add(new ResultFlow(segment));
  }

  List<SumTask> partialsOut() {
    return partialsOut;
  }

  List<SumTask.Inflow> partialsIn() {
    return partialsIn;
  }

  List<ResultFlow> resultsOut() {
    return resultsOut;
  }

  List<ResultFlow> resultsIn() {
    return resultsIn;
  }

  void begin() {
    partialsSent = 0;
    partialsReceived = 0;
    resultsOut.forEach(flow -> flow.moved = 0);
    resultsIn.forEach(flow -> flow.moved = 0);
  }

  /**
   * The number of the next partial sum to be sent, or {@link #NONE}. They are numbered chunk by
   * chunk over all of them: number / how many is the chunk, number % how many which.
   */
  int nextOut(Segments segments) {
    return next(
        partialsSent, partialsOut.size(), i -> segments.chunks(partialsOut.get(i).segment()));
  }

  void sent(int number) {
    partialsSent = number + 1;
  }

  /** The number of the next partial sum that comes in, or {@link #NONE}. */
  int nextIn(Segments segments) {
    return next(
        partialsReceived, partialsIn.size(), i -> segments.chunks(partialsIn.get(i).segment()));
  }

  void received(int number) {
    partialsReceived = number + 1;
  }

  private static int next(int from, int flows, IntUnaryOperator chunks) {
    int most = 0;
    for (int i = 0; i < flows; i++) {
      most = Math.max(most, chunks.applyAsInt(i));
    }
    for (int at = from; at < most * flows; at++) {
      if (at / flows < chunks.applyAsInt(at % flows)) {
        return at;
      }
    }
    return NONE;
  }
}
