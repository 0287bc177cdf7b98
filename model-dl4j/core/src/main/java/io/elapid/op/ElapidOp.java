package io.elapid.op;

import io.elapid.kernel.KernelSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * An op that runs in Java.
 *
 * <p>All outputs have the type of the first input, FLOAT or DOUBLE. Attributes live in the integer
 * and real arguments only, since SameDiff copies ops by writing those out and reading them back;
 * for the same reason every op has a public constructor without arguments. Instances are shared
 * between threads and hold no arrays: everything of one execution is in a bound call.
 */
public abstract class ElapidOp extends DynamicCustomOp {
  /** For SameDiff, which fills in the arguments. */
  protected ElapidOp() {}

  /** Adds this op to a graph. */
  protected ElapidOp(SameDiff graph, SDVariable... inputs) {
    super(null, graph, inputs);
  }

  @Override
  public abstract String opName();

  /** One, where an op does not say otherwise. */
  @Override
  public int getNumOutputs() {
    return 1;
  }

  /**
   * Shapes of the outputs.
   *
   * @throws IllegalArgumentException if the inputs do not fit together
   */
  abstract List<long[]> outputShapes(List<long[]> inputs);

  /**
   * Multiply-accumulates of one execution as papers count them: those of convolutions, linear maps
   * and matrix products, whatever way this op computes them; 0 for everything else. A gradient
   * counts those of each gradient that it computes.
   *
   * @param inputs shapes that fit together
   */
  public long multiplyAccumulates(List<long[]> inputs) {
    return 0;
  }

  /**
   * Whether only the shape of input {@code index} counts: its memory may hold anything by the time
   * this op runs.
   */
  public boolean readsShapeOnly(int index) {
    return false;
  }

  /**
   * Whether an output of the same shape may lie in the memory of input {@code index}: the kernels
   * read every element of it for the last time before they write to its place.
   */
  public boolean overwrites(int index) {
    return false;
  }

  /**
   * A call on fixed arrays, to be run any number of times; the operands copy strided arrays around
   * it. One that reads or writes operands itself, not by kernels alone, {@linkplain
   * KernelSet#settle settles} first.
   */
  abstract Runnable bind(Operands operands, KernelSet kernels);

  /** Integer attribute {@code index}. */
  final int attribute(int index) {
    return iArguments.get(index).intValue();
  }

  /** Output variables in the graph, saved ones included. */
  final SDVariable output(int index) {
    return outputVariables()[index];
  }

  /** The gradient of the output, followed by this op's inputs: what most gradients are made of. */
  final SDVariable[] andInputs(SDVariable dy) {
    SDVariable[] all = new SDVariable[args().length + 1];
    all[0] = dy;
    System.arraycopy(args(), 0, all, 1, args().length);
    return all;
  }

  /**
   * Gradients of the first inputs, followed by zeros for the others if one of those is computed in
   * the graph: SameDiff wants a gradient of whatever lies between a parameter and the loss, chosen
   * regions and labels included. Nothing that learns depends on the zeros, so no program runs them.
   */
  final List<SDVariable> andZeros(List<SDVariable> gradients) {
    List<SDVariable> others = List.of(args()).subList(gradients.size(), args().length);
    if (others.stream().noneMatch(input -> input.getVariableType() == VariableType.ARRAY)) {
      return gradients;
    }
    List<SDVariable> all = new ArrayList<>(gradients);
    others.forEach(input -> all.add(sameDiff.zerosLike(input)));
    return all;
  }

  /** Throws if {@code ok} does not hold; every op names itself. */
  @SuppressWarnings("AnnotateFormatMethod") // not worth a dependency on Error Prone's annotations
  final void require(boolean ok, String problem, Object... values) {
    if (!ok) {
      throw new IllegalArgumentException(opName() + ": " + String.format(problem, values));
    }
  }

  /** Throws unless each input from {@code first} on holds one value per channel. */
  final void requireChannels(List<long[]> inputs, int first, long channels) {
    for (int i = first; i < inputs.size(); i++) {
      require(
          elements(inputs.get(i)) == channels,
          "input %d is %s for %d channels",
          i,
          shape(inputs.get(i)),
          channels);
    }
  }

  static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  static String shape(long[] shape) {
    return Arrays.toString(shape);
  }

  @Override
  public final List<LongShapeDescriptor> calculateOutputShape() {
    return describe(inputArguments());
  }

  @Override
  public final List<LongShapeDescriptor> calculateOutputShape(OpContext context) {
    return describe(
        context == null || context.numInputArguments() == 0
            ? inputArguments()
            : context.getInputArrays());
  }

  private List<LongShapeDescriptor> describe(List<INDArray> inputs) {
    List<LongShapeDescriptor> descriptors = new ArrayList<>();
    for (long[] shape : outputShapes(inputs.stream().map(INDArray::shape).toList())) {
      descriptors.add(LongShapeDescriptor.fromShape(shape, inputs.get(0).dataType()));
    }
    return descriptors;
  }

  @Override
  public final List<DataType> calculateOutputDataTypes(List<DataType> inputs) {
    List<DataType> types = new ArrayList<>();
    for (int i = 0; i < getNumOutputs(); i++) {
      types.add(inputs.get(0));
    }
    return types;
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    throw new UnsupportedOperationException(
        opName() + " is a gradient; second derivatives are not defined");
  }

  /**
   * libnd4j does not know this op; with any number for a hash it would run some other op or crash
   * the JVM.
   */
  @Override
  public final long opHash() {
    throw new IllegalStateException(
        opName()
            + " runs only through Elapid's op executioner; put an Elapid backend on the class"
            + " path");
  }

  @Override
  public final CustomOpDescriptor getDescriptor() {
    return null;
  }

  @Override
  public final void assertValidForExecution() {}

  @Override
  public final Map<String, Object> propertiesForFunction() {
    return Map.of();
  }

  @Override
  public final void setPropertiesForFunction(Map<String, Object> properties) {}

  @Override
  public final void configureFromArguments() {}
}
