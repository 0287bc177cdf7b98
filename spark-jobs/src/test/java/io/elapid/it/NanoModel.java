package io.elapid.it;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.WeightFile;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.model.Models;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Weights of the smallest network. */
public final class NanoModel {
  public static final String NAME = "efficientvim_nano";

  private NanoModel() {}

  /** Writes initial weights, of {@link #tensors}, as a run or an export does. */
  public static void write(String file, int classes) throws IOException {
    CheckpointMeta meta =
        new CheckpointMeta(NAME, classes, 64, 0, 0, List.of(), Map.of(), "", Map.of());
    Map<String, NamedTensor> tensors =
        tensors(classes, 1).stream()
            .collect(Collectors.toMap(NamedTensor::name, Function.identity()));
    WeightFile.create(new Configuration(), new Path(file))
        .write(new ModelWeights("test", Optional.of(meta), tensors));
  }

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
