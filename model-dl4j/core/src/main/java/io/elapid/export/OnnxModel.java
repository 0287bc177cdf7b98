package io.elapid.export;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import java.util.TreeSet;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;

/** A network as an ONNX model, weights included. */
public final class OnnxModel {
  private final ModelProto model;

  OnnxModel(ModelProto model) {
    this.model = model;
  }

  /** Number of operators. */
  public int nodes() {
    return model.getGraph().getNodeCount();
  }

  /** The kinds of operators in it. */
  public Set<String> operators() {
    Set<String> kinds = new TreeSet<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      kinds.add(node.getOpType());
    }
    return kinds;
  }

  /** Size of the file. */
  public long bytes() {
    return model.getSerializedSize();
  }

  /** Writes the file to {@code out}, which stays open. */
  public void writeTo(OutputStream out) throws IOException {
    model.writeTo(out);
  }
}
