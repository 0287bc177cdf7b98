package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One sum that this rank computes for a segment, chunk by chunk, from its own subtrees and from
 * what other ranks send. A partial sum takes the place of the rank's own first subtree in it, so
 * that only what is received needs room.
 */
final class SumTask {
  /** Chunks that a sender may be ahead. */
  static final int WINDOW = 4;

  /** What another rank sends for this task. */
  static final class Inflow {
    private final SumTask consumer;
    private final boolean direct;
    private ByteBuffer staging = floats(0);
    private int received;

    private Inflow(SumTask consumer, ReducePlan.Task sender) {
      this.consumer = consumer;
      this.direct = sender.fold().inputs().stream().allMatch(Fold.Own.class::isInstance);
    }

    int segment() {
      return consumer.segment;
    }

    int received() {
      return received;
    }

    /** Whether the sender needs nothing but its own leaves for it. */
    boolean direct() {
      return direct;
    }

    boolean holdsUp() {
      return consumer.done < consumer.chunks && received <= consumer.done;
    }

    /** Where the next chunk goes, or null if there is no room yet. */
    ByteBuffer target(int floats) {
      return received < consumer.done + WINDOW
          ? staging.slice(consumer.slot(received) * Float.BYTES, floats * Float.BYTES)
          : null;
    }

    void arrived() {
      received++;
    }
  }

  private final int segment;
  private final int to;
  private final Fold fold;
  private final ChunkReducer reducer;
  private final List<Inflow> inflows = new ArrayList<>();
  private final Inflow[] inflowOfInput;
  private final FloatBuffer[] inputs;
  private final int[] offsets;
  private int chunks;
  private int slotFloats;
  private int done;
  private boolean claimed;
  private ByteBuffer output;
  private FloatBuffer outputFloats;

  /**
   * A task of a segment.
   *
   * @param tasks all tasks of the segment, where those that this one needs are found
   */
  SumTask(int segment, ReducePlan.Task task, List<ReducePlan.Task> tasks) {
    this.segment = segment;
    this.to = task.to();
    this.fold = task.fold();
    this.reducer = new ChunkReducer(fold);
    this.inputs = new FloatBuffer[fold.inputs().size()];
    this.offsets = new int[inputs.length];
    this.inflowOfInput = new Inflow[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      if (fold.inputs().get(i) instanceof Fold.Computed computed) {
        inflowOfInput[i] = new Inflow(this, tasks.get(computed.task()));
        inflows.add(inflowOfInput[i]);
      }
    }
  }

  private static ByteBuffer floats(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  private int slot(int chunk) {
    return chunk % WINDOW * slotFloats;
  }

  int segment() {
    return segment;
  }

  /** The rank that needs this sum, or {@link ReducePlan#NOBODY} if it is the whole one. */
  int to() {
    return to;
  }

  boolean isWhole() {
    return to == ReducePlan.NOBODY;
  }

  List<Inflow> inflows() {
    return inflows;
  }

  /** Takes this rank's subtrees and the buffer for the whole sum, over the whole vector. */
  void begin(Segments segments, List<ByteBuffer> parts, ByteBuffer result) {
    chunks = segments.chunks(segment);
    slotFloats = segments.chunkFloats();
    claimed = false;
    output = isWhole() ? result : null;
    for (int i = 0; i < inputs.length; i++) {
      Inflow inflow = inflowOfInput[i];
      ByteBuffer vector;
      if (inflow == null) {
        vector = parts.get(((Fold.Own) fold.inputs().get(i)).part());
        output = output == null ? vector : output;
      } else {
        inflow.received = 0;
        inflow.staging = roomy(inflow.staging, Math.min(WINDOW, chunks) * slotFloats);
        vector = inflow.staging;
      }
      inputs[i] = vector.asFloatBuffer();
    }
    outputFloats = output.asFloatBuffer();
    // What is sent as it is has been computed already.
    done = fold.isOwn() && !isWhole() ? chunks : 0;
  }

  private static ByteBuffer roomy(ByteBuffer buffer, int floats) {
    return buffer.capacity() >= floats * Float.BYTES ? buffer : floats(floats);
  }

  /** Chunks that are computed. */
  int done() {
    return done;
  }

  boolean finished() {
    return done == chunks;
  }

  /** Whether the next chunk can be computed and nobody does yet. */
  boolean ready() {
    return !claimed && !finished() && inflows.stream().allMatch(inflow -> inflow.received > done);
  }

  /** The caller will {@link #perform}. */
  void claim() {
    claimed = true;
  }

  /** Computes the next chunk; {@link #performed} makes it known. */
  void perform(Segments segments) {
    int start = segments.start(segment, done);
    for (int i = 0; i < inputs.length; i++) {
      offsets[i] = inflowOfInput[i] == null ? start : slot(done);
    }
    reducer.reduce(inputs, offsets, outputFloats, start, segments.floats(segment, done));
  }

  void performed() {
    claimed = false;
    done++;
  }

  /** A chunk of the sum. */
  ByteBuffer chunk(Segments segments, int chunk) {
    return output.slice(
        segments.start(segment, chunk) * Float.BYTES,
        segments.floats(segment, chunk) * Float.BYTES);
  }

  /** Drops the caller's buffers. */
  void end() {
    output = null;
    outputFloats = null;
    Arrays.fill(inputs, null);
  }
}
