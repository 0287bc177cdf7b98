package io.elapid.engine;

import io.elapid.data.loader.Batch;
import java.nio.FloatBuffer;

/** Scores pictures for a network that learns from them. */
@FunctionalInterface
public interface Teacher {

  /** Scores (capacity, classes) of a batch, row by row; read before the next call. */
  FloatBuffer logits(Batch batch);
}
