package io.elapid.spark;

import io.elapid.predict.Predictor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks that tasks of this process share: one copy each, and at most one that nobody uses,
 * so that the next task finds it loaded.
 */
final class SharedPredictors {
  /** A process of Spark has no other place for what outlives a task. */
  private static final SharedPredictors OF_THIS_PROCESS = new SharedPredictors();

  private final Map<ModelSource.Key, Shared> networks = new HashMap<>();

  private static final class Shared {
    private final Predictor predictor;
    private int users;

    Shared(Predictor predictor) {
      this.predictor = predictor;
    }
  }

  static SharedPredictors ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /** The network, loaded if need be; to be given back by {@link #release}. */
  synchronized Predictor acquire(ModelSource source) throws IOException {
    Shared shared = networks.get(source.key());
    if (shared == null) {
      closeIdle();
      shared = new Shared(source.open());
      networks.put(source.key(), shared);
    }
    shared.users++;
    return shared.predictor;
  }

  synchronized void release(ModelSource source) {
    Shared shared = networks.get(source.key());
    shared.users--;
    if (shared.users == 0 && networks.size() > 1) {
      networks.remove(source.key());
      shared.predictor.close();
    }
  }

  private void closeIdle() {
    List<ModelSource.Key> idle = new ArrayList<>();
    networks.forEach(
        (key, shared) -> {
          if (shared.users == 0) {
            idle.add(key);
          }
        });
    idle.forEach(key -> networks.remove(key).predictor.close());
  }
}
