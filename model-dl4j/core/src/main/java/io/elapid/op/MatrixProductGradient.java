package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.MatrixProductKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradient of {@link MatrixProduct}: {@code (dy, a, b)} to {@code (da, db)}. */
public final class MatrixProductGradient extends GradientOp {
  private static final long[] SECOND_TRANSPOSED = {0, 1, 0};
  private static final long[] FIRST_TRANSPOSED = {1, 0, 0};

  /** For SameDiff. */
  public MatrixProductGradient() {}

  MatrixProductGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_matrix_product_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return 2 * elements(inputs.get(1)) * inputs.get(2)[2];
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    Optional<MatrixProductKernel> kernel = kernels.matrixProduct(operands.in(0).type());
    return kernel.map(ours -> ownCall(operands, ours)).orElseGet(() -> nativeCall(operands));
  }

  private static Runnable ownCall(Operands operands, MatrixProductKernel kernel) {
    Tensor dy = operands.in(0);
    Tensor a = operands.in(1);
    Tensor b = operands.in(2);
    Tensor da = operands.out(0);
    Tensor db = operands.out(1);
    return () -> kernel.gradient(dy, a, b, da, db);
  }

  private static Runnable nativeCall(Operands operands) {
    INDArray dy = operands.inputArray(0);
    Runnable first =
        product(SECOND_TRANSPOSED, dy, operands.inputArray(2), operands.outputArray(0));
    Runnable second =
        product(FIRST_TRANSPOSED, operands.inputArray(1), dy, operands.outputArray(1));
    return () -> {
      first.run();
      second.run();
    };
  }

  private static Runnable product(long[] turns, INDArray left, INDArray right, INDArray to) {
    return new NativeCall(MatrixProduct.NATIVE, turns, List.of(left, right), List.of(to));
  }
}
