package io.elapid.op;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** A call of one of libnd4j's own ops on fixed arrays. */
final class NativeCall implements Runnable {
  private final OpExecutioner executioner = Nd4j.getExecutioner();
  private final OpContext context = executioner.buildContext();
  private final DynamicCustomOp op;

  NativeCall(String opName, long[] arguments, List<INDArray> inputs, List<INDArray> outputs) {
    op =
        new DynamicCustomOp(
            opName, inputs.toArray(INDArray[]::new), outputs.toArray(INDArray[]::new));
    context.setIArguments(arguments);
    context.setInputArrays(inputs);
    context.setOutputArrays(outputs);
    // The outputs are there and have the right shape: no need to work it out at every run.
    context.shapeFunctionOverride(true);
  }

  @Override
  public void run() {
    executioner.exec(op, context);
  }
}
