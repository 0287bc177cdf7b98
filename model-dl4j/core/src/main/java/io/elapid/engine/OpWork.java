package io.elapid.engine;

import io.elapid.engine.rewrite.OpNode;
import io.elapid.op.ElapidOp;
import java.util.Arrays;
import java.util.List;

/** Counts the work of operations, ours and ND4J's. */
final class OpWork {
  /** Kinds made of matrix products, which also go by names that say what else they do. */
  private static final List<String> PRODUCTS =
      List.of(
          "conv2d",
          "convolution",
          "linear",
          "matrix_product",
          "matmul",
          "hidden_state",
          "scan_projection");

  private static final String OUR_PREFIX = "elapid_";

  private OpWork() {}

  /** Whether operations of a kind run on our kernels. */
  static boolean isOurs(String kind) {
    return kind.startsWith(OUR_PREFIX);
  }

  /** Whether convolutions or matrix products are what an operation mostly does. */
  static boolean isProduct(OpNode node) {
    return PRODUCTS.stream().anyMatch(node.op().opName()::contains);
  }

  /** Of convolutions, linear maps and matrix products; each gradient counts like the forward. */
  static long multiplyAccumulates(OpNode node, List<long[]> inputs) {
    if (node.op() instanceof ElapidOp op) {
      return op.multiplyAccumulates(inputs);
    }
    return switch (node.op().opName()) {
      case "matmul" -> product(node, inputs.get(0), inputs.get(1));
      case "matmul_bp" -> 2 * product(node, inputs.get(0), inputs.get(1));
      default -> 0;
    };
  }

  private static long product(OpNode node, long[] left, long[] right) {
    long columns = right[right.length - (node.op().iArgs()[1] == 0 ? 1 : 2)];
    return Arrays.stream(left).reduce(columns, (a, b) -> a * b);
  }
}
