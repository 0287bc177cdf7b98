package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reduce-scatter and all-gather in one pass, as a {@link ReducePlan} says. Partial sums travel to
 * the rank that needs them; the sum of segment p ends at rank p, which sends it to everyone. A
 * chunk travels back as soon as it is summed, while later ones are still coming in.
 *
 * <p>Partial sums travel between two ranks in a fixed order: chunk by chunk, of each chunk segment
 * by segment, of each segment inputs first. Whatever a rank waits for therefore comes earlier in
 * that order, and results need no room but the result vector itself: a full window can delay a peer
 * but never block the ranks in a circle.
 */
final class AllReduceOperation extends Operation {

  private final int rank;
  private final int size;
  private final int[] computers;
  private final List<SumTask> tasks = new ArrayList<>();
  private final PeerTraffic[] traffic;
  private final int[] resultsHere;
  private final SumTask[] wholes;

  private Segments segments;
  private ByteBuffer result;

  AllReduceOperation(int rank, ReducePlan plan, int size) {
    super("all-reduce");
    this.rank = rank;
    this.size = size;
    this.computers = new int[size];
    this.resultsHere = new int[size];
    this.wholes = new SumTask[size];
    this.traffic = new PeerTraffic[size];
    for (int peer = 0; peer < size; peer++) {
      traffic[peer] = new PeerTraffic();
    }
    for (int segment = 0; segment < size; segment++) {
      addSegment(segment, plan.tasks(segment));
    }
  }

  private void addSegment(int segment, List<ReducePlan.Task> all) {
    SumTask[] mine = new SumTask[all.size()];
    for (int i = 0; i < mine.length; i++) {
      if (all.get(i).rank() == rank) {
        mine[i] = new SumTask(segment, all.get(i), all);
        tasks.add(mine[i]);
      }
    }
    // Both ends list what travels in the order of the tasks that send it.
    for (int i = 0; i < mine.length; i++) {
      ReducePlan.Task sender = all.get(i);
      if (sender.rank() == rank && !mine[i].isWhole()) {
        traffic[sender.to()].send(mine[i]);
      } else if (sender.to() == rank) {
        traffic[sender.rank()].receive(inflow(mine, all, i));
      }
    }
    int computer = all.get(all.size() - 1).rank();
    computers[segment] = computer;
    wholes[segment] = mine[mine.length - 1];
    addResults(segment, computer);
  }

  /** The inflow of that task among the inputs of mine. */
  private static SumTask.Inflow inflow(SumTask[] mine, List<ReducePlan.Task> all, int sender) {
    for (int i = 0; i < mine.length; i++) {
      List<Fold.Input> inputs = all.get(i).fold().inputs();
      if (mine[i] != null && inputs.contains(new Fold.Computed(sender))) {
        List<Fold.Input> computed =
            inputs.stream().filter(Fold.Computed.class::isInstance).toList();
        return mine[i].inflows().get(computed.indexOf(new Fold.Computed(sender)));
      }
    }
    throw new IllegalStateException("task " + sender + " has no use");
  }

  /** From the computer to the owner of the segment, from there to all others. */
  private void addResults(int segment, int computer) {
    if (computer != segment && rank == computer) {
      traffic[segment].sendResult(segment);
    } else if (computer != segment && rank == segment) {
      traffic[computer].receiveResult(segment);
    }
    for (int peer = 0; peer < size; peer++) {
      boolean informed = peer == segment || peer == computer;
      if (rank == segment && !informed) {
        traffic[peer].sendResult(segment);
      } else if (rank == peer && !informed) {
        traffic[segment].receiveResult(segment);
      }
    }
  }

  /** Takes this rank's subtrees and the buffer for the sum. */
  void begin(List<ByteBuffer> parts, ByteBuffer sum) {
    result = sum;
    segments = new Segments(sum.remaining() / Float.BYTES, size);
    tasks.forEach(task -> task.begin(segments, parts, sum));
    for (int peer = 0; peer < size; peer++) {
      traffic[peer].begin();
      resultsHere[peer] = 0;
    }
  }

  /** Drops the caller's buffers. */
  void end() {
    result = null;
    tasks.forEach(SumTask::end);
  }

  private ByteBuffer resultChunk(int segment, int chunk) {
    return result.slice(
        segments.start(segment, chunk) * Float.BYTES,
        segments.floats(segment, chunk) * Float.BYTES);
  }

  /** Chunks of a segment's sum that lie in the result vector. */
  private int resultsHere(int segment) {
    return computers[segment] == rank ? wholes[segment].done() : resultsHere[segment];
  }

  @Override
  Outgoing next(int peer, long sequence) {
    PeerTraffic with = traffic[peer];
    boolean complete = true;
    for (int i = 0; i < with.resultsOut().size(); i++) {
      PeerTraffic.ResultFlow flow = with.resultsOut().get(i);
      int chunk = flow.moved();
      if (chunk < resultsHere(flow.segment())) {
        flow.move();
        return frame(Frame.Type.RESULT, sequence, chunk, i, resultChunk(flow.segment(), chunk));
      }
      complete &= flow.finished(segments);
    }
    int next = with.nextOut(segments);
    if (next == PeerTraffic.NONE) {
      return complete ? Outgoing.DONE : null;
    }
    int flows = with.partialsOut().size();
    int chunk = next / flows;
    SumTask task = with.partialsOut().get(next % flows);
    if (chunk >= task.done()) {
      return null;
    }
    with.sent(next);
    return frame(Frame.Type.REDUCE, sequence, chunk, next % flows, task.chunk(segments, chunk));
  }

  private static Outgoing frame(
      Frame.Type type, long sequence, int chunk, int part, ByteBuffer payload) {
    return new Outgoing(new Frame(type, sequence, chunk, part, payload.remaining()), payload);
  }

  @Override
  ByteBuffer target(int peer, Frame frame) throws ProtocolException {
    return switch (frame.type()) {
      case RESULT -> resultTarget(traffic[peer], frame);
      case REDUCE -> partialTarget(traffic[peer], frame);
      default -> throw unexpected(frame);
    };
  }

  private ByteBuffer resultTarget(PeerTraffic with, Frame frame) throws ProtocolException {
    require(frame.part() >= 0 && frame.part() < with.resultsIn().size(), frame);
    PeerTraffic.ResultFlow flow = with.resultsIn().get(frame.part());
    int chunk = flow.moved();
    require(frame.chunk() == chunk && !flow.finished(segments), frame);
    require(frame.length() == segments.floats(flow.segment(), chunk) * Float.BYTES, frame);
    return resultChunk(flow.segment(), chunk);
  }

  private ByteBuffer partialTarget(PeerTraffic with, Frame frame) throws ProtocolException {
    int next = with.nextIn(segments);
    require(next != PeerTraffic.NONE, frame);
    int flows = with.partialsIn().size();
    SumTask.Inflow inflow = with.partialsIn().get(next % flows);
    int floats = segments.floats(inflow.segment(), inflow.received());
    require(
        frame.chunk() == next / flows
            && frame.part() == next % flows
            && frame.length() == floats * Float.BYTES,
        frame);
    return inflow.target(floats);
  }

  private void require(boolean expected, Frame frame) throws ProtocolException {
    if (!expected) {
      throw unexpected(frame);
    }
  }

  @Override
  boolean received(int peer, Frame frame) {
    PeerTraffic with = traffic[peer];
    if (frame.type() == Frame.Type.RESULT) {
      PeerTraffic.ResultFlow flow = with.resultsIn().get(frame.part());
      flow.move();
      resultsHere[flow.segment()]++;
      // Passed on, or the last that the caller waits for.
      return flow.segment() == rank || flow.finished(segments);
    }
    with.received(with.nextIn(segments));
    with.partialsIn().get(frame.part()).arrived();
    return with.nextIn(segments) == PeerTraffic.NONE;
  }

  @Override
  boolean awaits(int peer) {
    return traffic[peer].nextIn(segments) != PeerTraffic.NONE
        || traffic[peer].resultsIn().stream().anyMatch(flow -> !flow.finished(segments));
  }

  @Override
  boolean computed() {
    return tasks.stream().allMatch(SumTask::finished);
  }

  /** Of the tasks that have all they need, the one that is furthest behind. */
  @Override
  int work() {
    int best = IDLE;
    for (int i = 0; i < tasks.size(); i++) {
      SumTask task = tasks.get(i);
      if (task.ready() && (best == IDLE || task.done() < tasks.get(best).done())) {
        best = i;
      }
    }
    if (best != IDLE) {
      tasks.get(best).claim();
    }
    return best;
  }

  @Override
  void perform(int task) {
    tasks.get(task).perform(segments);
  }

  @Override
  void performed(int task) {
    tasks.get(task).performed();
  }

  /** What a rank computes from nothing but its own leaves is nobody else's fault. */
  @Override
  Suspects suspects(List<Integer> awaited) {
    List<Integer> direct = owing(awaited, SumTask.Inflow::direct);
    if (!direct.isEmpty()) {
      return new Suspects(direct, true);
    }
    List<Integer> partials = owing(awaited, inflow -> true);
    if (!partials.isEmpty()) {
      return new Suspects(partials, false);
    }
    List<Integer> computing = awaited.stream().filter(this::owesItsSum).toList();
    return new Suspects(computing.isEmpty() ? awaited : computing, false);
  }

  private List<Integer> owing(List<Integer> awaited, Predicate<SumTask.Inflow> kind) {
    return awaited.stream()
        .filter(
            peer ->
                traffic[peer].partialsIn().stream().filter(SumTask.Inflow::holdsUp).anyMatch(kind))
        .toList();
  }

  /** Whether the peer computes a sum that has not come yet. */
  private boolean owesItsSum(int peer) {
    return traffic[peer].resultsIn().stream()
        .anyMatch(flow -> computers[flow.segment()] == peer && !flow.finished(segments));
  }
}
