package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.MatrixProductKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Product of two matrices for each sample, {@code a: (B, I, K)} and {@code b: (B, K, J)} to {@code
 * (B, I, J)}, by the backend's kernel or else libnd4j's op.
 */
public final class MatrixProduct extends ElapidOp {
  /** libnd4j's. */
  static final String NATIVE = "matmul";

  private static final long[] AS_THEY_ARE = {0, 0, 0};

  /** For SameDiff. */
  public MatrixProduct() {}

  private MatrixProduct(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable a, SDVariable b) {
    return new MatrixProduct(graph, a, b).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_matrix_product";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] a = inputs.get(0);
    long[] b = inputs.get(1);
    require(
        a.length == 3 && b.length == 3 && a[0] == b[0] && a[2] == b[1],
        "matrices %s and %s do not fit",
        shape(a),
        shape(b));
    return List.of(new long[] {a[0], a[1], b[2]});
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return elements(inputs.get(0)) * inputs.get(1)[2];
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    Tensor a = operands.in(0);
    Optional<MatrixProductKernel> kernel = kernels.matrixProduct(a.type());
    if (kernel.isPresent()) {
      Tensor b = operands.in(1);
      Tensor y = operands.out(0);
      return () -> kernel.get().forward(a, b, y);
    }
    return new NativeCall(
        NATIVE,
        AS_THEY_ARE,
        List.of(operands.inputArray(0), operands.inputArray(1)),
        List.of(operands.outputArray(0)));
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new MatrixProductGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
