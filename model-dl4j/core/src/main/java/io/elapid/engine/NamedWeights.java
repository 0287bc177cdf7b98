package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.StateDict;
import io.elapid.data.InputException;
import io.elapid.graph.FixedTensor;
import io.elapid.graph.Parameters;
import io.elapid.graph.Weights;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts the tensors of a checkpoint into a network, and says in one list what does not fit. */
public final class NamedWeights {
  /** Checkpoints in half precision round constants. */
  private static final double FIXED_TOLERANCE = 1e-2;

  private final Map<String, NamedTensor> tensors;
  private final Map<String, long[]> read = new LinkedHashMap<>();

  private NamedWeights(Map<String, NamedTensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * Loads {@code parameters} from tensors of the train form.
   *
   * @param model name for the message
   * @throws InputException if names are missing, unknown, or have another shape
   */
  public static void load(String model, Map<String, NamedTensor> tensors, Parameters parameters) {
    NamedWeights weights = new NamedWeights(tensors);
    Weights source = weights::values;
    parameters.load(source);
    parameters.table().fixed().forEach(fixed -> weights.read.put(fixed.name(), fixed.shape()));
    StateDict.requireMatch("a set of weights", model, tensors, weights.read);
    parameters.table().fixed().forEach(fixed -> weights.check(model, fixed));
  }

  /** Zeros for what does not fit: the list of all that does not comes at the end. */
  private double[] values(String name, long... shape) {
    read.put(name, shape);
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] values = new double[Math.toIntExact(elements)];
    NamedTensor tensor = tensors.get(name);
    if (tensor != null && tensor.type().isFloating() && tensor.elements() == values.length) {
      FloatBuffer floats = tensor.toFloats().floats();
      for (int i = 0; i < values.length; i++) {
        values[i] = floats.get(i);
      }
    }
    return values;
  }

  private void check(String model, FixedTensor fixed) {
    double[] values = values(fixed.name(), fixed.shape());
    for (int i = 0; i < values.length; i++) {
      if (Math.abs(values[i] - fixed.values()[i]) > FIXED_TOLERANCE) {
        throw new InputException(
            "a set of weights does not fit %s: %s is not the constant that the network knows"
                .formatted(model, fixed.name()),
            "Use weights of the network as it was published.");
      }
    }
  }
}
