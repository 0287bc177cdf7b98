package io.elapid.op;

import io.elapid.kernel.KernelSet;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An op in which the shards of a batch meet: each says something about itself, and computes its
 * outputs from what all have said. Executed like any other op, a shard meets nobody: it is the
 * whole batch.
 */
public abstract class MeetingOp extends ElapidOp {
  /** For SameDiff. */
  MeetingOp() {}

  /** Adds this op to a graph. */
  MeetingOp(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** What the shard says; as many numbers for every shard. */
  abstract double[] share(Operands operands);

  /** Computes the outputs from what all shards have said, in their order. */
  abstract void conclude(List<double[]> shares, Operands operands);

  @Override
  final Runnable bind(Operands operands, KernelSet kernels) {
    return () -> {
      kernels.settle();
      conclude(List.of(share(operands)), operands);
    };
  }

  /** This op on fixed dense arrays, to be run in two parts any number of times. */
  public final Seat seat(List<INDArray> inputs, List<INDArray> outputs) {
    return new Seat(this, new Operands(inputs, outputs));
  }

  /** One shard's place in a meeting. */
  public static final class Seat {
    private final MeetingOp op;
    private final Operands operands;

    private Seat(MeetingOp op, Operands operands) {
      this.op = op;
      this.operands = operands;
    }

    /** What the shard says now. */
    public double[] share() {
      return op.share(operands);
    }

    /** Writes the outputs, from what all shards have said, in their order. */
    public void conclude(List<double[]> shares) {
      op.conclude(shares, operands);
    }
  }
}
