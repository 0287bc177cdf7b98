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
 * What a shard's pass reads beside the weights: pictures, targets, one after the other the factors
 * of every dropped path, and what a teacher says. Until a batch is loaded no path is dropped.
 */
final class ShardInputs implements AutoCloseable {
  private static final long DROP_PATH = 1;

  private final Arena arena;
  private final INDArray images;
  private final INDArray targets;
  private final Map<String, INDArray> arrays = new HashMap<>();
  private final double[] rates;
  private final long dropsAt;
  private final long dropped;
  private final long lessonLength;

  ShardInputs(
      Scope scope, long[] imageShape, long[] targetShape, Teaching teaching, Arena.Source arenas) {
    DataType type = scope.dataType();
    long batch = imageShape[0];
    long pixels = batch * imageShape[1] * imageShape[2] * imageShape[3];
    this.dropsAt = pixels + targetShape[0] * targetShape[1];
    this.rates = scope.dropPaths().values().stream().mapToDouble(Double::doubleValue).toArray();
    this.dropped = rates.length * batch;
    this.lessonLength = teaching instanceof Teaching.None ? 0 : targetShape[0] * targetShape[1];
    this.arena = arenas.take(type, dropsAt + dropped + lessonLength + weights(teaching));
    this.images = arena.view(0, imageShape);
    this.targets = arena.view(pixels, targetShape);
    arrays.put(Blueprint.IMAGES, images);
    arrays.put(TrainingLoss.TARGETS, targets);
    long at = dropsAt;
    for (String site : scope.dropPaths().keySet()) {
      INDArray factors = arena.view(at, batch);
      factors.assign(1);
      arrays.put(site, factors);
      at += batch;
    }
    if (lessonLength > 0) {
      arrays.put(TrainingLoss.LESSON, arena.view(at, targetShape));
    }
    if (weights(teaching) > 0) {
      arrays.put(TrainingLoss.LESSON_WEIGHT, arena.view(at + lessonLength));
    }
  }

  private static long weights(Teaching teaching) {
    return teaching instanceof Teaching.ByAverage ? 1 : 0;
  }

  /** Where to write what the teacher says, (batch, classes). */
  FloatBuffer lesson() {
    return arena.buffer(dropsAt + dropped, lessonLength).asFloatBuffer();
  }

  /** Takes the factor on what the moving average teaches. */
  void lessonWeight(float weight) {
    arena.buffer(dropsAt + dropped + lessonLength, 1).putFloat(0, weight);
  }

  /** Copies a full batch of float32, and draws the dropped paths from its samples' seeds. */
  void load(Batch batch) {
    ByteBuffer inputs = arena.buffer();
    inputs.put(batch.images().duplicate().clear());
    inputs.put(batch.targets().duplicate().clear());
    FloatBuffer factors = arena.buffer(dropsAt, dropped).asFloatBuffer();
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
