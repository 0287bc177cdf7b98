package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Steps and matrices of a selective scan from the map that it scans, in scan order; see {@link
 * ScanProjectionKernel}.
 *
 * <p>{@code x: (B, D, H, W)}, or (B, K D, L) for a sequential scan; {@code xProj: (K, R + 2 N, D)};
 * {@code dtWeight: (K, D, R)}.
 */
public final class ScanProjection extends ElapidOp {
  /** For SameDiff. */
  public ScanProjection() {}

  private ScanProjection(SameDiff graph, ScanOrder order, int states, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(order.code(), states);
  }

  /** Outputs: {@code delta: (B, K, L, D)}, {@code b} and {@code c: (B, K, L, N)}. */
  public record Outputs(SDVariable delta, SDVariable b, SDVariable c) {}

  /**
   * Adds the op.
   *
   * @param states N
   */
  public static Outputs apply(
      SameDiff graph,
      SDVariable x,
      SDVariable xProj,
      SDVariable dtWeight,
      ScanOrder order,
      int states) {
    SDVariable[] out =
        new ScanProjection(graph, order, states, x, xProj, dtWeight).outputVariables();
    return new Outputs(out[0], out[1], out[2]);
  }

  @Override
  public String opName() {
    return "elapid_scan_projection";
  }

  @Override
  public int getNumOutputs() {
    return 4;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    ScanGeometry g = geometry(this, inputs);
    long rank = inputs.get(2)[2];
    return List.of(
        steps(g, g.channels()), steps(g, g.states()), steps(g, g.states()), steps(g, rank));
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return multiplyAccumulates(inputs, geometry(this, inputs));
  }

  static long multiplyAccumulates(List<long[]> inputs, ScanGeometry g) {
    long[] xProj = inputs.get(1);
    long rank = inputs.get(2)[2];
    long tokens = (long) g.batch() * g.directions() * g.steps();
    return tokens * g.channels() * (xProj[1] + rank);
  }

  private static long[] steps(ScanGeometry g, long values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  /** Checks the shapes of {@code x, xProj, dtWeight}. */
  static ScanGeometry geometry(ElapidOp op, List<long[]> inputs) {
    long[] xProj = inputs.get(1);
    long[] dtWeight = inputs.get(2);
    int states = op.attribute(1);
    op.require(
        xProj.length == 3 && dtWeight.length == 3,
        "weights of ranks %d, %d",
        xProj.length,
        dtWeight.length);
    op.require(
        xProj[0] == dtWeight[0] && xProj[2] == dtWeight[1] && xProj[1] == dtWeight[2] + 2L * states,
        "projections %s and %s do not fit %d states",
        shape(xProj),
        shape(dtWeight),
        states);
    ScanOrder order = ScanOrder.ofCode(op.attribute(0));
    return ScanShapes.of(op, order, inputs.get(0), xProj[0], xProj[2], states);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ScanProjectionKernel kernel = kernels.scanProjection();
    var in =
        new ScanProjectionKernel.Inputs(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            geometry(this, operands.inputShapes(0)));
    var out =
        new ScanProjectionKernel.Outputs(
            operands.out(0), operands.out(1), operands.out(2), operands.out(3));
    return () -> kernel.forward(in, out);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return ScanProjectionGradient.of(
        sameDiff,
        iArguments,
        gradients.get(0),
        gradients.get(1),
        gradients.get(2),
        output(3),
        arg(0),
        arg(1),
        arg(2));
  }
}
