package io.elapid.engine.rewrite;

import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/** An operation and the names of the variables it reads and writes. */
public record OpNode(DynamicCustomOp op, String name, List<String> inputs, List<String> outputs) {
  /** Operations that look only at their input's shape. */
  private static final Set<String> SHAPE_ONLY = Set.of("shape_of", "zeroslike", "ones_as");

  /** The tag of row-major order among a reshape's arguments. */
  private static final long ROW_MAJOR = -99;

  /** Whether the result follows from the shape of the input alone. */
  public boolean readsShapeOnly() {
    return SHAPE_ONLY.contains(op.opName());
  }

  /**
   * Whether the output is the input's memory: arrays are dense and row-major, so reshaping moves
   * nothing.
   */
  public boolean isView() {
    if (op.opName().equals("identity")) {
      return true;
    }
    long[] arguments = op.iArgs();
    return op.opName().equals("reshape")
        && (arguments.length == 0 || arguments[0] >= -1 || arguments[0] == ROW_MAJOR);
  }

  /** Name of the variable's instance and of the operation's kind, for messages. */
  public String title() {
    return name.equals(op.opName()) ? name : name + " (" + op.opName() + ")";
  }

  /** Each is only itself: two nodes may hold one op and are still two steps. */
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
