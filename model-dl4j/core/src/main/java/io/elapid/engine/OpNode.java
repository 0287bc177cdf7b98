package io.elapid.engine;

import java.util.List;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/** An operation and the names of the variables it reads and writes. */
record OpNode(DynamicCustomOp op, String name, List<String> inputs, List<String> outputs) {

  /** Name of the variable's instance and of the operation's kind, for messages. */
  String title() {
    return name.equals(op.opName()) ? name : name + " (" + op.opName() + ")";
  }
}
