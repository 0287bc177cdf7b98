package io.elapid.engine;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/** Asks operations for the shapes of their outputs before any memory is planned. */
final class Shapes {
  private DataBuffer scratch;

  /**
   * An array of that shape over memory that all such arrays share: good for asking, not for
   * computing.
   */
  INDArray standIn(DataType type, long... shape) {
    long elements = Math.max(1, Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    if (scratch == null || scratch.dataType() != type || scratch.length() < elements) {
      scratch = Nd4j.createBuffer(type, elements, false);
    }
    DataBuffer window = Nd4j.createBuffer(scratch, 0, elements);
    return Nd4j.create(window, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type);
  }

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
