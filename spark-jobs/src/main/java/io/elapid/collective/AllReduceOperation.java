package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Reduce-scatter and all-gather in one pass. Rank p owns segment p of the vector: it receives the
 * maximal subtrees of all other ranks for that segment, chunk by chunk, sums them in tree order,
 * and sends the sum to everyone. A chunk travels back as soon as it is summed, while later ones are
 * still coming in.
 *
 * <p>Frames of one peer arrive in the order of chunks, and results need no room but the result
 * vector itself, so a full window can delay a peer but never block the ranks in a circle.
 */
final class AllReduceOperation extends Operation {
  /** Floats per chunk: large enough that a frame costs nothing, small enough for a pipeline. */
  private static final int CHUNK = 1 << 17;

  /** Chunks that a peer may be ahead. */
  private static final int WINDOW = 4;

  private final int rank;
  private final int length;
  private final ReducePlan plan;
  private final ChunkReducer reducer;
  private final int[] segments;
  private final ByteBuffer[][] staging;
  private final FloatBuffer[] inputs;
  private final int[] offsets;

  private ByteBuffer[] parts;
  private ByteBuffer result;
  private FloatBuffer resultFloats;
  private int summed;
  private final int[] reduceSent;
  private final int[] resultSent;
  private final int[] reduceReceived;
  private final int[] resultReceived;

  AllReduceOperation(int rank, int length, ReducePlan plan, int size) {
    super("all-reduce");
    this.rank = rank;
    this.length = length;
    this.plan = plan;
    this.reducer = new ChunkReducer(plan);
    this.segments = new int[size + 1];
    for (int i = 0; i <= size; i++) {
      segments[i] = (int) ((long) length * i / size);
    }
    this.staging = new ByteBuffer[size][];
    for (int peer = 0; peer < size; peer++) {
      staging[peer] = new ByteBuffer[peer == rank ? 0 : plan.parts(peer)];
      for (int part = 0; part < staging[peer].length; part++) {
        int floats = Math.min(WINDOW * CHUNK, chunks(rank) * CHUNK);
        staging[peer][part] = direct(floats * Float.BYTES);
      }
    }
    this.inputs = new FloatBuffer[plan.operands().size()];
    this.offsets = new int[inputs.length];
    this.reduceSent = new int[size];
    this.resultSent = new int[size];
    this.reduceReceived = new int[size];
    this.resultReceived = new int[size];
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Takes this rank's subtrees and the buffer for the sum. */
  void begin(List<TreeSum.Part> own, ByteBuffer sum) {
    parts = own.stream().map(TreeSum.Part::floats).toArray(ByteBuffer[]::new);
    result = sum;
    resultFloats = sum.asFloatBuffer();
    summed = 0;
    for (int peer = 0; peer < reduceSent.length; peer++) {
      reduceSent[peer] = 0;
      resultSent[peer] = 0;
      reduceReceived[peer] = 0;
      resultReceived[peer] = 0;
    }
    List<ReducePlan.Operand> operands = plan.operands();
    for (int i = 0; i < inputs.length; i++) {
      ReducePlan.Operand operand = operands.get(i);
      boolean mine = operand.rank() == rank;
      ByteBuffer vector = (mine ? parts : staging[operand.rank()])[operand.part()];
      inputs[i] = vector.asFloatBuffer();
    }
  }

  /** Drops the caller's buffers. */
  void end() {
    parts = null;
    result = null;
    resultFloats = null;
  }

  private int chunks(int owner) {
    return (segments[owner + 1] - segments[owner] + CHUNK - 1) / CHUNK;
  }

  private int chunkStart(int owner, int chunk) {
    return segments[owner] + chunk * CHUNK;
  }

  private int chunkFloats(int owner, int chunk) {
    return Math.min(CHUNK, segments[owner + 1] - chunkStart(owner, chunk));
  }

  private static ByteBuffer view(ByteBuffer floats, int from, int count) {
    return floats.slice(from * Float.BYTES, count * Float.BYTES);
  }

  @Override
  Outgoing next(int peer, long sequence) {
    if (resultSent[peer] < summed) {
      int chunk = resultSent[peer]++;
      int floats = chunkFloats(rank, chunk);
      return frame(
          Frame.Type.RESULT, sequence, chunk, 0, view(result, chunkStart(rank, chunk), floats));
    }
    if (reduceSent[peer] < chunks(peer) * parts.length) {
      int chunk = reduceSent[peer] / parts.length;
      int part = reduceSent[peer]++ % parts.length;
      int floats = chunkFloats(peer, chunk);
      return frame(
          Frame.Type.REDUCE,
          sequence,
          chunk,
          part,
          view(parts[part], chunkStart(peer, chunk), floats));
    }
    return resultSent[peer] == chunks(rank) ? Outgoing.DONE : null;
  }

  private static Outgoing frame(
      Frame.Type type, long sequence, int chunk, int part, ByteBuffer payload) {
    return new Outgoing(new Frame(type, sequence, chunk, part, payload.remaining()), payload);
  }

  @Override
  ByteBuffer target(int peer, Frame frame) throws ProtocolException {
    int chunk = frame.chunk();
    if (frame.type() == Frame.Type.RESULT) {
      require(
          chunk == resultReceived[peer]
              && chunk < chunks(peer)
              && frame.length() == chunkFloats(peer, chunk) * Float.BYTES,
          frame);
      return view(result, chunkStart(peer, chunk), chunkFloats(peer, chunk));
    }
    int perChunk = plan.parts(peer);
    require(
        frame.type() == Frame.Type.REDUCE
            && perChunk > 0
            && chunk == reduceReceived[peer] / perChunk
            && frame.part() == reduceReceived[peer] % perChunk
            && chunk < chunks(rank)
            && frame.length() == chunkFloats(rank, chunk) * Float.BYTES,
        frame);
    return chunk < summed + WINDOW
        ? view(staging[peer][frame.part()], slot(chunk), chunkFloats(rank, chunk))
        : null;
  }

  private static int slot(int chunk) {
    return chunk % WINDOW * CHUNK;
  }

  private void require(boolean expected, Frame frame) throws ProtocolException {
    if (!expected) {
      throw unexpected(frame);
    }
  }

  @Override
  void received(int peer, Frame frame) {
    if (frame.type() == Frame.Type.RESULT) {
      resultReceived[peer]++;
    } else {
      reduceReceived[peer]++;
    }
  }

  @Override
  boolean awaits(int peer) {
    return resultReceived[peer] < chunks(peer)
        || reduceReceived[peer] < chunks(rank) * plan.parts(peer);
  }

  @Override
  boolean computed() {
    return summed == chunks(rank);
  }

  @Override
  int work() {
    if (computed()) {
      return IDLE;
    }
    for (int peer = 0; peer < staging.length; peer++) {
      if (peer != rank && holdsUp(peer)) {
        return IDLE;
      }
    }
    return summed;
  }

  private boolean holdsUp(int peer) {
    return !computed() && reduceReceived[peer] < (summed + 1) * plan.parts(peer);
  }

  @Override
  void perform(int chunk) {
    List<ReducePlan.Operand> operands = plan.operands();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = operands.get(i).rank() == rank ? chunkStart(rank, chunk) : slot(chunk);
    }
    reducer.reduce(
        inputs, offsets, resultFloats, chunkStart(rank, chunk), chunkFloats(rank, chunk));
  }

  @Override
  void performed(int chunk) {
    summed++;
  }

  /** Results are late because some rank's subtrees are: those come first. */
  @Override
  List<Integer> suspects(List<Integer> awaited) {
    List<Integer> holding = awaited.stream().filter(this::holdsUp).toList();
    return holding.isEmpty() ? awaited : holding;
  }

  int length() {
    return length;
  }
}
