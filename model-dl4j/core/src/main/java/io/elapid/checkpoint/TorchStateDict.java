package io.elapid.checkpoint;

import io.elapid.checkpoint.ModelWeights.Variant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A dictionary of tensors inside what a training script saved.
 *
 * @param key path to it, as {@code model_ema.state_dict}; empty for the top
 */
record TorchStateDict(String key, Map<String, TorchTensor> tensors) {
  private static final int MAX_DEPTH = 3;
  private static final int LISTED = 12;

  /** Names for the weights as trained, the most explicit first. */
  private static final List<String> MODEL =
      List.of("state_dict", "model_state_dict", "model", "net", "network", "module");

  /** Names for their moving average. */
  private static final List<String> AVERAGE =
      List.of(
          "state_dict_ema",
          "model_ema",
          "model_ema_state_dict",
          "ema_state_dict",
          "ema_model",
          "ema",
          "net_E");

  /** There are no such weights; the message follows the file's name. */
  static final class NotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String remedy;

    NotFoundException(String problem, String remedy) {
      super(problem);
      this.remedy = remedy;
    }

    String remedy() {
      return remedy;
    }
  }

  /** The weights of a variant; a file that holds one set only holds that for either. */
  static TorchStateDict find(Object root, Variant variant) {
    List<String> names = variant == Variant.EMA ? AVERAGE : MODEL;
    Optional<TorchStateDict> found = wrapped(root, names, "", 0);
    Optional<TorchStateDict> other = wrapped(root, variant == Variant.EMA ? MODEL : AVERAGE, "", 0);
    if (found.isEmpty() && other.isEmpty()) {
      found = plain(root, "");
    }
    return found.orElseThrow(
        () ->
            other.isPresent()
                ? new NotFoundException(
                    "holds no %s".formatted(what(variant)),
                    "Use its other weights, under %s: --variant %s."
                        .formatted(other.get().key(), variant == Variant.EMA ? "model" : "ema"))
                : new NotFoundException(
                    "holds no weights: there are no tensors at the top or under %s; it has %s"
                        .formatted(String.join(", ", MODEL), keys(root)),
                    "Load it in PyTorch and save model.state_dict()."));
  }

  private static String what(Variant variant) {
    return variant == Variant.EMA ? "moving average of the weights" : "weights but their average";
  }

  private static Optional<TorchStateDict> wrapped(
      Object value, List<String> names, String path, int depth) {
    if (!(value instanceof Map<?, ?> map) || depth == MAX_DEPTH) {
      return Optional.empty();
    }
    for (String name : names) {
      String inner = path.isEmpty() ? name : path + "." + name;
      Object child = map.get(name);
      Optional<TorchStateDict> found =
          wrapped(child, MODEL, inner, depth + 1).or(() -> plain(child, inner));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<TorchStateDict> plain(Object value, String path) {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (entry.getKey() instanceof String name
            && entry.getValue() instanceof TorchTensor tensor) {
          tensors.put(name, tensor);
        }
      }
    }
    return tensors.isEmpty() ? Optional.empty() : Optional.of(new TorchStateDict(path, tensors));
  }

  private static String keys(Object root) {
    if (!(root instanceof Map<?, ?> map) || map.isEmpty()) {
      return "no keys";
    }
    return map.keySet().stream()
        .limit(LISTED)
        .map(key -> key instanceof String text ? TorchCheckpoint.printable(text) : "?")
        .collect(Collectors.joining(", "));
  }
}
