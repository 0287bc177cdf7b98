package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

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

  /** The way of a segment's sum from one rank to another. */
  private static final class ResultFlow {
    private final int segment;
    private int moved;

    private ResultFlow(int segment) {
      this.segment = segment;
    }
  }

  /** Everything that goes on between this rank and a peer. */
  private static final class Traffic {
    private final List<SumTask> partialsOut = new ArrayList<>();
    private final List<SumTask.Inflow> partialsIn = new ArrayList<>();
    private final List<ResultFlow> resultsOut = new ArrayList<>();
    private final List<ResultFlow> resultsIn = new ArrayList<>();
    private int partialsSent;
    private int partialsReceived;
  }

  private final int rank;
  private final int size;
  private final int[] computers;
  private final List<SumTask> tasks = new ArrayList<>();
  private final Traffic[] traffic;
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
    this.traffic = new Traffic[size];
    for (int peer = 0; peer < size; peer++) {
      traffic[peer] = new Traffic();
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
        traffic[sender.to()].partialsOut.add(mine[i]);
      } else if (sender.to() == rank) {
        traffic[sender.rank()].partialsIn.add(inflow(mine, all, i));
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
      traffic[segment].resultsOut.add(new ResultFlow(segment));
    } else if (computer != segment && rank == segment) {
      traffic[computer].resultsIn.add(new ResultFlow(segment));
    }
    for (int peer = 0; peer < size; peer++) {
      boolean informed = peer == segment || peer == computer;
      if (rank == segment && !informed) {
        traffic[peer].resultsOut.add(new ResultFlow(segment));
      } else if (rank == peer && !informed) {
        traffic[segment].resultsIn.add(new ResultFlow(segment));
      }
    }
  }

  /** Takes this rank's subtrees and the buffer for the sum. */
  void begin(List<ByteBuffer> parts, ByteBuffer sum) {
    result = sum;
    segments = new Segments(sum.remaining() / Float.BYTES, size);
    tasks.forEach(task -> task.begin(segments, parts, sum));
    for (int peer = 0; peer < size; peer++) {
      Traffic with = traffic[peer];
      with.partialsSent = 0;
      with.partialsReceived = 0;
      with.resultsOut.forEach(flow -> flow.moved = 0);
      with.resultsIn.forEach(flow -> flow.moved = 0);
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
    Traffic with = traffic[peer];
    boolean complete = true;
    for (int i = 0; i < with.resultsOut.size(); i++) {
      ResultFlow flow = with.resultsOut.get(i);
      if (flow.moved < resultsHere(flow.segment)) {
        int chunk = flow.moved++;
        return frame(Frame.Type.RESULT, sequence, chunk, i, resultChunk(flow.segment, chunk));
      }
      complete &= flow.moved == segments.chunks(flow.segment);
    }
    List<SumTask> flows = with.partialsOut;
    int next = skip(with.partialsSent, flows.size(), i -> segments.chunks(flows.get(i).segment()));
    if (next < 0) {
      return complete ? Outgoing.DONE : null;
    }
    int chunk = next / flows.size();
    SumTask task = flows.get(next % flows.size());
    if (chunk >= task.done()) {
      return null;
    }
    with.partialsSent = next + 1;
    return frame(
        Frame.Type.REDUCE, sequence, chunk, next % flows.size(), task.chunk(segments, chunk));
  }

  /**
   * Partial sums are numbered chunk by chunk over all flows; the first number from {@code next} on
   * whose chunk exists, or -1.
   */
  private static int skip(int next, int flows, IntUnaryOperator chunks) {
    if (flows == 0) {
      return -1;
    }
    int most = 0;
    for (int i = 0; i < flows; i++) {
      most = Math.max(most, chunks.applyAsInt(i));
    }
    for (int at = next; at < most * flows; at++) {
      if (at / flows < chunks.applyAsInt(at % flows)) {
        return at;
      }
    }
    return -1;
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

  private ByteBuffer resultTarget(Traffic with, Frame frame) throws ProtocolException {
    require(frame.part() >= 0 && frame.part() < with.resultsIn.size(), frame);
    ResultFlow flow = with.resultsIn.get(frame.part());
    require(frame.chunk() == flow.moved && flow.moved < segments.chunks(flow.segment), frame);
    require(frame.length() == segments.floats(flow.segment, flow.moved) * Float.BYTES, frame);
    return resultChunk(flow.segment, flow.moved);
  }

  private ByteBuffer partialTarget(Traffic with, Frame frame) throws ProtocolException {
    int next = nextPartialFrom(with);
    require(next >= 0, frame);
    int flows = with.partialsIn.size();
    SumTask.Inflow inflow = with.partialsIn.get(next % flows);
    int floats = segments.floats(inflow.segment(), inflow.received());
    require(
        frame.chunk() == next / flows
            && frame.part() == next % flows
            && frame.length() == floats * Float.BYTES,
        frame);
    return inflow.target(floats);
  }

  private int nextPartialFrom(Traffic with) {
    List<SumTask.Inflow> flows = with.partialsIn;
    return skip(with.partialsReceived, flows.size(), i -> segments.chunks(flows.get(i).segment()));
  }

  private void require(boolean expected, Frame frame) throws ProtocolException {
    if (!expected) {
      throw unexpected(frame);
    }
  }

  @Override
  void received(int peer, Frame frame) {
    Traffic with = traffic[peer];
    if (frame.type() == Frame.Type.RESULT) {
      ResultFlow flow = with.resultsIn.get(frame.part());
      flow.moved++;
      resultsHere[flow.segment]++;
    } else {
      with.partialsReceived = nextPartialFrom(with) + 1;
      with.partialsIn.get(frame.part()).arrived();
    }
  }

  @Override
  boolean awaits(int peer) {
    Traffic with = traffic[peer];
    return nextPartialFrom(with) >= 0
        || with.resultsIn.stream().anyMatch(flow -> flow.moved < segments.chunks(flow.segment));
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
    List<Integer> direct = awaited.stream().filter(peer -> holdsUp(peer, true)).toList();
    if (!direct.isEmpty()) {
      return new Suspects(direct, true);
    }
    List<Integer> partials = awaited.stream().filter(peer -> holdsUp(peer, false)).toList();
    if (!partials.isEmpty()) {
      return new Suspects(partials, false);
    }
    List<Integer> computing =
        awaited.stream()
            .filter(
                peer ->
                    traffic[peer].resultsIn.stream()
                        .anyMatch(
                            flow ->
                                computers[flow.segment] == peer
                                    && flow.moved < segments.chunks(flow.segment)))
            .toList();
    return new Suspects(computing.isEmpty() ? awaited : computing, false);
  }

  private boolean holdsUp(int peer, boolean direct) {
    return traffic[peer].partialsIn.stream()
        .anyMatch(inflow -> inflow.holdsUp() && (inflow.direct() || !direct));
  }
}
