package io.elapid.export;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.golden.Filler;
import io.elapid.graph.FixedTensor;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights and statistics of batch norms that are far from what training begins with. */
final class FilledWeights {
  private FilledWeights() {}

  /** For everything in a table, by official name. */
  static Map<String, NamedTensor> of(ParameterTable table, Filler filler) {
    Map<String, NamedTensor> weights = new LinkedHashMap<>();
    for (Slot slot : table.slots()) {
      // a backbone's are those of the classifier that it belongs to
      String name = slot.name().replace("backbone.", "");
      float[] values = filler.parameter(name, slot.shape()).orElseThrow();
      weights.put(slot.name(), NamedTensor.floats(slot.name(), slot.shape(), values));
    }
    for (FixedTensor fixed : table.fixed()) {
      float[] values = new float[fixed.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) fixed.values()[i];
      }
      weights.put(fixed.name(), NamedTensor.floats(fixed.name(), fixed.shape(), values));
    }
    return weights;
  }
}
