package io.elapid.engine;

import io.elapid.engine.stock.StockGraph;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;

/** Graphs written anew with stock operations, for tests of other packages. */
public final class StockGraphs {
  private StockGraphs() {}

  /** What {@code wanted} needs of a forward graph. */
  public static StockGraph of(SameDiff forward, Set<String> wanted) {
    return StockGraph.of(ShapeInference.of(forward, wanted));
  }
}
