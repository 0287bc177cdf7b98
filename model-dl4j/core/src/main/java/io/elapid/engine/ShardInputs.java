package io.elapid.engine;

import io.elapid.data.SplitMix;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Arena;
import io.elapid.graph.Scope;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a shard's pass reads beside the weights: pictures, targets and, one after the other, the
 * factors of every dropped path. Until a batch is loaded no path is dropped.
 */
final class ShardInputs implements AutoCloseable {
  static final String TARGETS = "targets";
  private static final long DROP_PATH = 1;

  private final Arena arena;
  private final INDArray images;
  private final INDArray targets;
  private final Map<String, INDArray> arrays = new HashMap<>();
  private final double[] rates;
  private final long dropsAt;

  ShardInputs(Scope scope, long[] imageShape, long[] targetShape, Arena.Source arenas) {
    DataType type = scope.dataType();
    long batch = imageShape[0];
    long pixels = batch * imageShape[1] * imageShape[2] * imageShape[3];
    this.dropsAt = pixels + targetShape[0] * targetShape[1];
    this.rates = scope.dropPaths().values().stream().mapToDouble(Double::doubleValue).toArray();
    this.arena = arenas.take(type, dropsAt + rates.length * batch);
    this.images = arena.view(0, imageShape);
    this.targets = arena.view(pixels, targetShape);
    arrays.put(Blueprint.IMAGES, images);
    arrays.put(TARGETS, targets);
    long at = dropsAt;
    for (String site : scope.dropPaths().keySet()) {
      INDArray factors = arena.view(at, batch);
      factors.assign(1);
      arrays.put(site, factors);
      at += batch;
    }
  }

  /** Copies a full batch of float32, and draws the dropped paths from its samples' seeds. */
  void load(Batch batch) {
    ByteBuffer inputs = arena.buffer();
    inputs.put(batch.images().duplicate().clear());
    inputs.put(batch.targets().duplicate().clear());
    FloatBuffer factors = arena.buffer(dropsAt, arena.length() - dropsAt).asFloatBuffer();
    for (int site = 0; site < rates.length; site++) {
      for (long seed : batch.seeds()) {
        factors.put(factor(seed, site));
      }
    }
  }

  private float factor(long seed, int site) {
    double drawn = new SplitMix(SplitMix.derive(seed, DROP_PATH, site)).nextDouble();
    return drawn < rates[site] ? 0 : (float) (1 / (1 - rates[site]));
  }

  /** Array per placeholder. */
  Map<String, INDArray> arrays() {
    return arrays;
  }

  Arena arena() {
    return arena;
  }

  INDArray images() {
    return images;
  }

  INDArray targets() {
    return targets;
  }

  @Override
  public void close() {
    arena.close();
  }
}
