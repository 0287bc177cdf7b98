package io.elapid.engine;

import io.elapid.data.SplitMix;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Arena;
import io.elapid.graph.Dropped;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a pass reads beside the weights: pictures, whatever else the network declares, and the
 * factors of everything that is dropped. Until a batch is loaded nothing is.
 */
final class PassInputs implements AutoCloseable {
  /** Not to be changed: seeds are part of what makes a run repeatable. */
  private static final long DROP_PATH = 1;

  private final Map<String, Dropped> drops;
  private final Buffers buffers;

  PassInputs(Blueprint blueprint, Arena.Source arenas) {
    this.drops = blueprint.scope().drops();
    Map<String, long[]> shapes = new LinkedHashMap<>(blueprint.ports().inputs());
    drops.forEach((site, dropped) -> shapes.put(site, dropped.shape()));
    this.buffers = new Buffers(shapes, blueprint.scope().dataType(), arenas);
    drops.keySet().forEach(site -> buffers.array(site).assign(1));
  }

  /** Copies a batch of float32, and draws what is dropped from its samples' seeds. */
  void load(ImageBatch batch) {
    ByteBuffer pictures = batch.images().duplicate().rewind();
    ByteBuffer images = buffers.bytes(Ports.IMAGES);
    if (pictures.remaining() != images.remaining()) {
      throw new IllegalArgumentException(
          "pictures of %d bytes, not %d".formatted(pictures.remaining(), images.remaining()));
    }
    images.put(pictures);
    int index = 0;
    for (Map.Entry<String, Dropped> entry : drops.entrySet()) {
      draw(batch.seeds(), index++, entry.getValue(), buffers.floats(entry.getKey()));
    }
  }

  private static void draw(long[] seeds, int index, Dropped dropped, FloatBuffer factors) {
    float kept = (float) (1 / (1 - dropped.rate()));
    for (long seed : seeds) {
      SplitMix random = new SplitMix(SplitMix.derive(seed, DROP_PATH, index));
      for (long i = 0; i < dropped.perSample(); i++) {
        factors.put(random.nextDouble() < dropped.rate() ? 0 : kept);
      }
    }
  }

  /** What the network writes into. */
  Buffers buffers() {
    return buffers;
  }

  /** Array per placeholder. */
  Map<String, INDArray> arrays() {
    return buffers.arrays();
  }

  @Override
  public void close() {
    buffers.close();
  }
}
