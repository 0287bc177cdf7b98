package io.elapid.op;

import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.KernelSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * {@code y = x (offset + scale[c]) + bias[c] + residual} on {@code x: (B, C, ...)}: a layer scale,
 * a depthwise 1x1 convolution, or either with a skip, in one pass.
 */
public final class ChannelAffine extends ElapidOp {
  /** What is added to the factor of every channel. */
  public enum Offset {
    /** Nothing. */
    ZERO,
    /** One: the input itself is part of the sum. */
    ONE
  }

  /**
   * What x meets; see {@link ChannelAffine}. Start with {@link #scale} or {@link #convolution}.
   *
   * @param role whether the published network has a scale or a convolution here
   * @param scale C values of any shape
   * @param bias (C), if any
   * @param residual of x's shape, if any
   */
  public record Terms(
      Role role,
      SDVariable scale,
      Offset offset,
      Optional<SDVariable> bias,
      Optional<SDVariable> residual) {
    /** A factor per channel. */
    public static Terms scale(SDVariable scale) {
      return new Terms(Role.SCALE, scale, Offset.ZERO, Optional.empty(), Optional.empty());
    }

    /** A depthwise convolution of one tap; unlike a scale it counts as multiply-accumulates. */
    public static Terms convolution(SDVariable weight) {
      return new Terms(Role.CONVOLUTION, weight, Offset.ZERO, Optional.empty(), Optional.empty());
    }

    /** With {@code x} itself added. */
    public Terms plusInput() {
      return new Terms(role, scale, Offset.ONE, bias, residual);
    }

    /** With one value per channel added. */
    public Terms plusBias(SDVariable values) {
      return new Terms(role, scale, offset, Optional.of(values), residual);
    }

    /** With maps added. */
    public Terms plus(SDVariable maps) {
      return new Terms(role, scale, offset, bias, Optional.of(maps));
    }
  }

  /** How the op counts in a network's cost. */
  public enum Role {
    SCALE,
    CONVOLUTION
  }

  /** For SameDiff. */
  public ChannelAffine() {}

  private ChannelAffine(SameDiff graph, Terms terms, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(
        terms.offset() == Offset.ONE ? 1 : 0,
        terms.bias().isPresent() ? 1 : 0,
        terms.residual().isPresent() ? 1 : 0,
        terms.role() == Role.CONVOLUTION ? 1 : 0);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x, Terms terms) {
    List<SDVariable> inputs = new ArrayList<>(List.of(x, terms.scale()));
    terms.bias().ifPresent(inputs::add);
    terms.residual().ifPresent(inputs::add);
    return new ChannelAffine(graph, terms, inputs.toArray(SDVariable[]::new)).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_channel_affine";
  }

  private boolean hasBias() {
    return attribute(1) == 1;
  }

  private boolean hasResidual() {
    return attribute(2) == 1;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    requireChannels(inputs.subList(0, hasBias() ? 3 : 2), 1, x[1]);
    long[] last = inputs.get(inputs.size() - 1);
    require(
        !hasResidual() || Arrays.equals(x, last),
        "input %s and residual %s differ",
        shape(x),
        shape(last));
    return List.of(x);
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return attribute(3) == 1 ? elements(inputs.get(0)) : 0;
  }

  @Override
  public boolean overwrites(int index) {
    return index == 0 || (hasResidual() && index == (hasBias() ? 3 : 2));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelAffineKernel kernel = kernels.channelAffine();
    var call =
        new ChannelAffineKernel.Forward(
            operands.in(0),
            operands.in(1),
            attribute(0),
            hasBias() ? Optional.of(operands.in(2)) : Optional.empty(),
            hasResidual() ? Optional.of(operands.in(operands.inputs() - 1)) : Optional.empty(),
            operands.out(0));
    return () -> kernel.forward(call);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    SDVariable dy = gradients.get(0);
    List<SDVariable> inputs = new ArrayList<>(List.of(dy, arg(0), arg(1)));
    if (hasBias()) {
      inputs.add(arg(2));
    }
    List<SDVariable> all =
        new ArrayList<>(
            new ChannelAffineGradient(sameDiff, attribute(0), inputs.toArray(SDVariable[]::new))
                .gradients());
    if (hasResidual()) {
      all.add(sameDiff.identity(dy));
    }
    return all;
  }
}
