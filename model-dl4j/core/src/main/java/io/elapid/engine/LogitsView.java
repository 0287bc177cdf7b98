package io.elapid.engine;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Class scores as a buffer. */
final class LogitsView {
  private LogitsView() {}

  /** The elements of a dense row-major float32 array; the same memory. */
  static FloatBuffer floats(INDArray logits) {
    FloatBuffer memory =
        logits.data().pointer().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    return memory.slice(0, Math.toIntExact(logits.length()));
  }
}
