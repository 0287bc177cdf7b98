package io.elapid.op;

import io.elapid.kernel.KernelSet;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.ReduceOp;
import org.nd4j.linalg.api.ops.ScalarOp;
import org.nd4j.linalg.api.ops.TransformOp;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One of ND4J's older ops, which are no custom ops: functions of single elements such as {@code
 * tanh} and {@code exp}, those of an element and a number such as {@code x + 1} and {@code relu},
 * and sums, means, extremes and norms along dimensions that are given as numbers. Computed by ND4J
 * on the CPU; gradients are ND4J's.
 */
public final class LegacyOp extends ElapidOp {
  private static final Set<Op.Type> KINDS =
      Set.of(
          Op.Type.TRANSFORM_SAME,
          Op.Type.TRANSFORM_STRICT,
          Op.Type.TRANSFORM_FLOAT,
          Op.Type.SCALAR,
          Op.Type.REDUCE_SAME,
          Op.Type.REDUCE_FLOAT);

  private final Op op;

  /** Where sums and the like go along; empty if everything becomes one number. */
  private final int[] along;

  private LegacyOp(Op op, int[] along) {
    this.op = op;
    this.along = along;
    Arrays.stream(along).forEach(this::addIArgument);
    if (op instanceof ReduceOp reduction) {
      addBArgument(reduction.isKeepDims());
    }
    if (op instanceof ScalarOp scalar) {
      addTArgument(scalar.scalar().getDouble(0));
    }
    if (op.extraArgs() != null) {
      Arrays.stream(op.extraArgs())
          .filter(Number.class::isInstance)
          .forEach(number -> addTArgument(((Number) number).doubleValue()));
    }
  }

  /**
   * An operation of a graph, if it is of a kind that can be run.
   *
   * @param inputs how many the graph gives it
   */
  public static Optional<LegacyOp> of(DifferentialFunction function, int inputs) {
    if (inputs != 1 || !(function instanceof Op op) || !KINDS.contains(kind(op))) {
      return Optional.empty();
    }
    return Optional.of(new LegacyOp(op, dimensions(op)));
  }

  private static Op.Type kind(Op op) {
    if (op instanceof TransformOp transform) {
      return transform.getOpType();
    }
    if (op instanceof ScalarOp scalar && scalar.dimensions() == null) {
      return scalar.getOpType();
    }
    return op instanceof ReduceOp reduction ? reduction.getOpType() : Op.Type.CUSTOM;
  }

  private static int[] dimensions(Op op) {
    INDArray given = op instanceof ReduceOp reduction ? reduction.dimensions() : null;
    int[] dimensions = given == null ? new int[0] : given.toIntVector();
    // ND4J's word for all
    boolean all = Arrays.stream(dimensions).anyMatch(dimension -> dimension == Integer.MAX_VALUE);
    return all ? new int[0] : dimensions;
  }

  @Override
  public String opName() {
    return op.opName();
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    if (!(op instanceof ReduceOp reduction)) {
      return List.of(x);
    }
    Set<Integer> reduced = reduced(x);
    long merged = reduced.stream().mapToLong(place -> x[place]).reduce(1, (a, b) -> a * b);
    // ND4J does not write the output of a vector then
    require(
        merged > 1 || elements(x) == 1 || x.length > 2,
        "dimensions %s of %s have one element: leave this operation out",
        reduced,
        shape(x));
    return List.of(
        IntStream.range(0, x.length)
            .filter(place -> reduction.isKeepDims() || !reduced.contains(place))
            .mapToLong(place -> reduced.contains(place) ? 1 : x[place])
            .toArray());
  }

  private Set<Integer> reduced(long[] shape) {
    IntStream places =
        along.length == 0
            ? IntStream.range(0, shape.length)
            : Arrays.stream(along).map(place -> place < 0 ? place + shape.length : place);
    Set<Integer> all = places.boxed().collect(Collectors.toCollection(TreeSet::new));
    require(
        all.stream().allMatch(place -> place >= 0 && place < shape.length),
        "%s has no dimensions %s",
        shape(shape),
        Arrays.toString(along));
    return all;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    OpExecutioner executioner = Nd4j.getExecutioner();
    OpContext context = executioner.buildContext();
    context.setInputArrays(List.of(operands.inputArray(0)));
    context.setOutputArrays(List.of(operands.outputArray(0)));
    return () -> {
      kernels.settle();
      executioner.exec(op, context);
    };
  }
}
