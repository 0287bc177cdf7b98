package io.elapid.engine;

import io.elapid.benchmark.Work;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.op.ElapidOp;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One operation of a compiled step.
 *
 * @param kind such as {@code elapid_conv2d}
 * @param name of the instance in the graph
 * @param work the least it can cost: inputs read and outputs written once, products done
 * @param product whether convolutions or matrix products are what it mostly does
 */
public record StepOperation(String kind, String name, Work work, boolean product) {
  static StepOperation of(StepProgram.Step step) {
    double bytes = 0;
    for (int i = 0; i < step.inputs().length; i++) {
      bytes += readsShapeOnly(step.node(), i) ? 0 : bytes(step.inputs()[i]);
    }
    for (INDArray output : step.outputs()) {
      bytes += bytes(output);
    }
    double products =
        OpWork.multiplyAccumulates(
            step.node(), Arrays.stream(step.inputs()).map(INDArray::shape).toList());
    return new StepOperation(
        step.node().op().opName(),
        step.node().name(),
        new Work(bytes, 0, products),
        OpWork.isProduct(step.node()));
  }

  private static boolean readsShapeOnly(OpNode node, int input) {
    return node.op() instanceof ElapidOp ours && ours.readsShapeOnly(input);
  }

  private static double bytes(INDArray array) {
    return (double) array.length() * array.dataType().width();
  }
}
