package io.elapid.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies of tensors that are about to change. The memory of a copy is used again by the next one of
 * that name and size, so that all copies together never take more than one of each.
 */
final class TensorCopies {
  private final Map<String, ByteBuffer> memory = new HashMap<>();

  /** Copies; the earlier copies are lost. */
  List<NamedTensor> of(List<NamedTensor> tensors) {
    List<NamedTensor> copies = new ArrayList<>(tensors.size());
    for (NamedTensor tensor : tensors) {
      ByteBuffer copy = memory(tensor);
      copy.put(0, tensor.data(), 0, tensor.data().limit());
      copies.add(new NamedTensor(tensor.name(), tensor.type(), tensor.shape(), copy));
    }
    return copies;
  }

  private ByteBuffer memory(NamedTensor tensor) {
    int bytes = tensor.data().limit();
    ByteBuffer known = memory.get(tensor.name());
    if (known == null || known.capacity() != bytes) {
      known = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
      memory.put(tensor.name(), known);
    }
    return known;
  }
}
