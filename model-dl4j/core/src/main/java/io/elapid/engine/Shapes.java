package io.elapid.engine;

import io.elapid.engine.rewrite.OpNode;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/** Asks operations for the shapes of their outputs before any memory is planned. */
final class Shapes {
  private Shapes() {}

  /** A context for {@code op} with its arguments and these inputs. */
  static OpContext context(DynamicCustomOp op, INDArray... inputs) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setArgs(inputs, op.iArgs(), op.dArgs(), op.tArgs(), op.bArgs());
    return context;
  }

  /** Shapes of the outputs of {@code node}, in order. */
  static List<long[]> outputs(OpNode node, INDArray... inputs) {
    List<LongShapeDescriptor> found;
    try {
      found = node.op().calculateOutputShape(context(node.op(), inputs));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "%s cannot take inputs of shapes %s".formatted(node.title(), text(inputs)), e);
    }
    if (found.size() != node.outputs().size()) {
      throw new IllegalArgumentException(
          "%s says it has %d outputs, the graph has %d: input shapes %s"
              .formatted(node.title(), found.size(), node.outputs().size(), text(inputs)));
    }
    return found.stream().map(LongShapeDescriptor::getShape).toList();
  }

  /** Shapes of {@code arrays} for a message. */
  static String text(INDArray... arrays) {
    return Arrays.stream(arrays).map(a -> Arrays.toString(a.shape())).toList().toString();
  }
}
