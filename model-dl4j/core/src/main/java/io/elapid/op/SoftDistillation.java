package io.elapid.op;

import io.elapid.kernel.DistillationKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Soft distillation loss: {@code logits, teacher: (B, K)}, both before their softmax, to the scalar
 * {@code T^2 KL(softmax(teacher / T) || softmax(logits / T))}, averaged.
 *
 * <p>Differentiable in the logits; the teacher's are constants. The gradient (B, K) is saved.
 *
 * @see DistillationKernel
 */
public final class SoftDistillation extends ElapidOp {
  /** What the divergence summed over a batch is divided by. */
  public enum Average {
    /** B, as the {@code batchmean} of PyTorch's divergence (MobileMamba). */
    SAMPLES(0),
    /** B K (DeiT). */
    ELEMENTS(1);

    private final int code;

    Average(int code) {
      this.code = code;
    }

    private long divisor(long[] logits) {
      return this == SAMPLES ? logits[0] : elements(logits);
    }

    private static Average ofCode(int code) {
      for (Average average : values()) {
        if (average.code == code) {
          return average;
        }
      }
      throw new IllegalArgumentException("no average has the code " + code);
    }
  }

  /** For SameDiff. */
  public SoftDistillation() {}

  private SoftDistillation(
      SameDiff graph, double temperature, Average average, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(temperature);
    addIArgument(average.code);
  }

  /**
   * Adds the op.
   *
   * @param temperature T, positive
   * @throws IllegalArgumentException if the temperature is not
   */
  public static SDVariable apply(
      SameDiff graph, SDVariable logits, SDVariable teacher, double temperature, Average average) {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("distillation at temperature " + temperature);
    }
    return new SoftDistillation(graph, temperature, average, logits, teacher).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_soft_distillation";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] logits = inputs.get(0);
    require(
        logits.length == 2 && Arrays.equals(logits, inputs.get(1)),
        "logits %s and the teacher's %s differ",
        shape(logits),
        shape(inputs.get(1)));
    return List.of(new long[0], logits);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    DistillationKernel kernel = kernels.distillation();
    double temperature = tArguments.get(0);
    long divisor = Average.ofCode(attribute(0)).divisor(operands.inputShapes(0).get(0));
    double weight = temperature * temperature / divisor;
    Tensor logits = operands.in(0);
    Tensor teacher = operands.in(1);
    Tensor loss = operands.out(0);
    Tensor slope = operands.out(1);
    return () -> kernel.forward(logits, teacher, temperature, weight, loss, slope);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new LossGradient(sameDiff, gradients.get(0), output(1)).gradients();
  }
}
