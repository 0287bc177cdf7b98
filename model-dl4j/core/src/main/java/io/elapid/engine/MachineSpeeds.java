package io.elapid.engine;

import io.elapid.benchmark.Work.Speeds;
import io.elapid.graph.Arena;
import io.elapid.kernel.Workers;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** Measures the speeds that a step's floor is worked out from, in a few seconds. */
public final class MachineSpeeds {
  private static final int SHARES = 64;
  private static final int COPIED = Speeds.COPIED / SHARES;
  private static final int ROUNDS = 3;
  private static final long PATIENCE_NANOS = 300_000_000;

  /** A plain convolution of 16 maps, stride 1. */
  private record Product(int channels, int side, int kernel) {
    long multiplyAccumulates() {
      return 16L * side * side * channels * channels * kernel * kernel;
    }
  }

  /** Large enough to be worth any preparation, small enough for caches. */
  private static final List<Product> PRODUCTS =
      List.of(new Product(256, 28, 1), new Product(192, 14, 1), new Product(64, 28, 3));

  private MachineSpeeds() {}

  /**
   * What {@code threads} threads together can do: copying of memory, and the best of some
   * convolutions, as the engine computes them. Exponentials are not measured.
   */
  public static Speeds measure(int threads) {
    ThreadBudget.use(threads);
    double bytes = 0;
    double products = 0;
    // several rounds: what else the machine does comes and goes
    for (int round = 0; round < ROUNDS; round++) {
      bytes = Math.max(bytes, 2.0 * Speeds.COPIED / copy(threads));
      for (Product product : PRODUCTS) {
        products = Math.max(products, product.multiplyAccumulates() / best(product));
      }
    }
    return new Speeds(bytes, Double.POSITIVE_INFINITY, products);
  }

  private static double copy(int threads) {
    ByteBuffer from = ByteBuffer.allocateDirect(Speeds.COPIED);
    ByteBuffer to = ByteBuffer.allocateDirect(Speeds.COPIED);
    try (Workers workers = new Workers(threads)) {
      return best(
          () ->
              workers.forEach(
                  SHARES,
                  COPIED,
                  (first, end) ->
                      to.put(first * COPIED, from, first * COPIED, (end - first) * COPIED)));
    }
  }

  private static double best(Product product) {
    long[] shape = {16, product.channels(), product.side(), product.side()};
    long[] kernel = {product.channels(), product.channels(), product.kernel(), product.kernel()};
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, shape);
    SDVariable w = graph.placeHolder("w", DataType.FLOAT, kernel);
    SDVariable y = Conv2d.apply(graph, x, w, ConvSettings.of(1, product.kernel() / 2));
    long elements = 16L * product.channels() * product.side() * product.side();
    try (Arena images = Arena.allocate(DataType.FLOAT, elements);
        Arena weights =
            Arena.allocate(DataType.FLOAT, kernel[0] * kernel[1] * kernel[2] * kernel[3]);
        Arena results = Arena.allocate(DataType.FLOAT, elements);
        StepProgram program =
            StepProgram.compile(
                new ProgramSpec(
                    graph,
                    Map.of("x", images.view(0, shape), "w", weights.view(0, kernel)),
                    Map.of(y.name(), results.view(0, shape)),
                    Set.of()))) {
      return best(program::run);
    }
  }

  /** Nanoseconds of the fastest of many calls; the first ones compile the code. */
  private static double best(Runnable call) {
    long best = Long.MAX_VALUE;
    long end = System.nanoTime() + PATIENCE_NANOS;
    for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
      call.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }
}
