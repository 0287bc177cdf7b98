package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Selective scan along the directions of a map, their outputs added; see {@link
 * SelectiveScanKernel}.
 *
 * <p>Inputs as {@link Terms} lists them; output {@code y} like {@code u}. States at chunk
 * boundaries, (B, K, S, N, D), are saved for the gradient.
 */
public final class SelectiveScan extends ElapidOp {
  /** Inputs before the optional ones. */
  private static final int REQUIRED = 5;

  /** For SameDiff. */
  public SelectiveScan() {}

  private SelectiveScan(SameDiff graph, Terms terms, StepRule rule, ScanOrder order) {
    super(graph, terms.all());
    addIArgument(
        order.code(),
        rule.code(),
        terms.skip().isPresent() ? 1 : 0,
        terms.bias().isPresent() ? 1 : 0);
  }

  /**
   * Inputs.
   *
   * @param u the map (B, D, H, W); (B, K D, L) for a sequential scan
   * @param delta steps before bias and rule (B, K, L, D)
   * @param b input matrices (B, K, L, N)
   * @param c output matrices (B, K, L, N)
   * @param aLog (K D, N), for {@code A = -exp(aLog)}
   * @param skip K D values
   * @param bias K D values, added to delta
   */
  public record Terms(
      SDVariable u,
      SDVariable delta,
      SDVariable b,
      SDVariable c,
      SDVariable aLog,
      Optional<SDVariable> skip,
      Optional<SDVariable> bias) {

    private SDVariable[] all() {
      List<SDVariable> all = new ArrayList<>(List.of(u, delta, b, c, aLog));
      skip.ifPresent(all::add);
      bias.ifPresent(all::add);
      return all.toArray(SDVariable[]::new);
    }
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, Terms terms, StepRule rule, ScanOrder order) {
    return new SelectiveScan(graph, terms, rule, order).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_selective_scan";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    ScanGeometry g = geometry(this, attribute(0), inputs);
    return List.of(
        inputs.get(0),
        new long[] {g.batch(), g.directions(), g.savedStates(), g.states(), g.channels()});
  }

  /** Checks the shapes of {@code u, delta, b, c, aLog} and whatever values per row follow. */
  static ScanGeometry geometry(ElapidOp op, int order, List<long[]> inputs) {
    long[] delta = inputs.get(1);
    long[] b = inputs.get(2);
    op.require(
        delta.length == 4 && b.length == 4,
        "steps and states of ranks %d, %d",
        delta.length,
        b.length);
    ScanGeometry g =
        ScanShapes.of(op, ScanOrder.ofCode(order), inputs.get(0), delta[1], delta[3], b[3]);
    op.require(
        delta[0] == g.batch() && delta[2] == g.steps(),
        "steps %s for a batch of %d scanned in %d",
        shape(delta),
        g.batch(),
        g.steps());
    op.require(Arrays.equals(delta, 0, 3, b, 0, 3), "steps %s and b %s", shape(delta), shape(b));
    op.require(
        Arrays.equals(b, inputs.get(3)), "b %s and c %s differ", shape(b), shape(inputs.get(3)));
    long rows = delta[1] * delta[3];
    op.require(
        Arrays.equals(inputs.get(4), new long[] {rows, b[3]}),
        "A %s for %d rows of %d states",
        shape(inputs.get(4)),
        rows,
        b[3]);
    op.requireChannels(inputs, REQUIRED, rows);
    return g;
  }

  /** Inputs of the kernel among those of a call, of which {@code u} is the {@code first}. */
  static SelectiveScanKernel.Inputs bind(
      ElapidOp op, Operands operands, int first, ScanGeometry geometry) {
    int bias = first + REQUIRED + op.attribute(2);
    return new SelectiveScanKernel.Inputs(
        operands.in(first),
        operands.in(first + 1),
        operands.in(first + 2),
        operands.in(first + 3),
        operands.in(first + 4),
        op.attribute(2) == 1 ? Optional.of(operands.in(first + REQUIRED)) : Optional.empty(),
        op.attribute(3) == 1 ? Optional.of(operands.in(bias)) : Optional.empty(),
        StepRule.ofCode(op.attribute(1)),
        geometry);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SelectiveScanKernel kernel = kernels.selectiveScan();
    ScanGeometry geometry = geometry(this, attribute(0), operands.inputShapes(0));
    SelectiveScanKernel.Inputs in = bind(this, operands, 0, geometry);
    Tensor y = operands.out(0);
    Tensor states = operands.out(1);
    return () -> kernel.forward(in, y, states);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    List<SDVariable> inputs = new ArrayList<>(List.of(gradients.get(0), output(1)));
    inputs.addAll(List.of(args()));
    return SelectiveScanGradient.of(sameDiff, iArguments, inputs);
  }
}
