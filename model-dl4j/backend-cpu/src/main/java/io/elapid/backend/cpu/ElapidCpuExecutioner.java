package io.elapid.backend.cpu;

import io.elapid.op.ElapidOp;
import io.elapid.op.KernelHost;
import io.elapid.op.OpRunner;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.cpu.nativecpu.ops.NativeOpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The native executioner, with {@link ElapidOp}s run in Java.
 *
 * <p>This is the one place that every way of executing an op passes through. ND4J makes the only
 * instance, by reflection, from the backend's properties.
 */
public final class ElapidCpuExecutioner extends NativeOpExecutioner implements KernelHost {
  private final OpRunner runner =
      new OpRunner(
          CpuKernels::choose, CpuKernels.initialThreads(), ElapidCpuExecutioner::useNativeThreads);

  /**
   * libnd4j's own loops take their limit from the environment; oneDNN asks OpenMP, which keeps a
   * number per calling thread. With more threads than cores they spin against each other.
   *
   * <p>OpenBLAS always gets one thread: it would take as many as the process has cores or {@code
   * OMP_NUM_THREADS} says, and its sums come out differently for each number.
   */
  private static void useNativeThreads(int threads) {
    Nd4j.getEnvironment().setMaxThreads(threads);
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    Nd4j.factory().blas().setMaxThreads(1);
  }

  @Override
  public OpRunner opRunner() {
    return runner;
  }

  @Override
  public INDArray[] exec(CustomOp op, OpContext context) {
    if (op instanceof ElapidOp ours) {
      runner.run(ours, context);
      return context.getOutputArrays().toArray(INDArray[]::new);
    }
    runner.settle();
    return super.exec(op, context);
  }

  @Override
  public List<LongShapeDescriptor> calculateOutputShape(CustomOp op) {
    return op instanceof ElapidOp ? op.calculateOutputShape() : super.calculateOutputShape(op);
  }

  @Override
  public List<LongShapeDescriptor> calculateOutputShape(CustomOp op, OpContext context) {
    return op instanceof ElapidOp
        ? op.calculateOutputShape(context)
        : super.calculateOutputShape(op, context);
  }
}
