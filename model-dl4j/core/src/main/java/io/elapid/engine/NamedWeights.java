package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.graph.FixedTensor;
import io.elapid.graph.Parameters;
import io.elapid.graph.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts the tensors of a checkpoint into a network, and says in one list what does not fit. */
final class NamedWeights {
  /** PyTorch counts batches per batch norm; no network here reads the count. */
  private static final String IGNORED = ".num_batches_tracked";

  private static final int LISTED = 5;

  /** Checkpoints in half precision round constants. */
  private static final double FIXED_TOLERANCE = 1e-2;

  private final Map<String, NamedTensor> tensors;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> read = new HashSet<>();

  private NamedWeights(Map<String, NamedTensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * Loads {@code parameters} from tensors of the train form.
   *
   * @param model name for the message
   * @throws InputException if names are missing, unknown, or have another shape
   */
  static void load(String model, Map<String, NamedTensor> tensors, Parameters parameters) {
    NamedWeights weights = new NamedWeights(tensors);
    Weights source = weights::values;
    parameters.load(source);
    parameters.table().fixed().forEach(weights::check);
    weights.noteUnread();
    if (!weights.problems.isEmpty()) {
      throw weights.refusal(model);
    }
  }

  private double[] values(String name, long... shape) {
    read.add(name);
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] values = new double[Math.toIntExact(elements)];
    NamedTensor tensor = tensors.get(name);
    if (tensor == null) {
      problems.add(name + " is missing");
    } else if (!Arrays.equals(tensor.shape(), shape)) {
      problems.add(
          "%s has shape %s instead of %s"
              .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    } else {
      FloatBuffer floats = tensor.toFloats().floats();
      for (int i = 0; i < values.length; i++) {
        values[i] = floats.get(i);
      }
    }
    return values;
  }

  private void check(FixedTensor fixed) {
    int known = problems.size();
    double[] values = values(fixed.name(), fixed.shape());
    for (int i = 0; i < values.length && problems.size() == known; i++) {
      if (Math.abs(values[i] - fixed.values()[i]) > FIXED_TOLERANCE) {
        problems.add("%s is not the constant that the model knows".formatted(fixed.name()));
      }
    }
  }

  private void noteUnread() {
    for (String name : tensors.keySet()) {
      if (!read.contains(name) && !name.endsWith(IGNORED)) {
        problems.add(name + " is not part of the model");
      }
    }
  }

  private InputException refusal(String model) {
    List<String> distinct = problems.stream().distinct().toList();
    String more =
        distinct.size() > LISTED ? " and %d more".formatted(distinct.size() - LISTED) : "";
    String listed = String.join("; ", distinct.subList(0, Math.min(LISTED, distinct.size())));
    return new InputException(
        "these weights are not those of %s with this number of classes: %s%s"
            .formatted(model, listed, more),
        "give weights of %s trained on as many classes, or name the model they belong to"
            .formatted(model));
  }
}
