package io.elapid.it;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.model.Models;
import java.util.ArrayList;
import java.util.List;

/** Weights of the smallest network. */
public final class NanoModel {
  public static final String NAME = "efficientvim_nano";

  private NanoModel() {}

  /** Initial weights; the classifiers' are those times {@code gain}, so that answers differ. */
  public static List<NamedTensor> tensors(int classes, float gain) {
    ParameterTable table = Models.byName(NAME).tensors(Mode.TRAIN, classes);
    Weights initial = table.initialWeights(7);
    List<NamedTensor> tensors = new ArrayList<>();
    for (Slot slot : table.slots()) {
      double[] values = initial.values(slot.name(), slot.shape());
      float factor = slot.name().startsWith("heads.") ? gain : 1;
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = factor * (float) values[i];
      }
      tensors.add(NamedTensor.floats(slot.name(), slot.shape(), floats));
    }
    return tensors;
  }
}
