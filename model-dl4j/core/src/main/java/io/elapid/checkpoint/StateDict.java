package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether weights belong to a network, by the names and shapes of its state dictionary. */
public final class StateDict {
  private static final int LISTED = 8;

  /** Last parts of names that carry no weights: batches seen, and what profilers leave behind. */
  private static final Set<String> COUNTERS =
      Set.of("num_batches_tracked", "total_ops", "total_params");

  private StateDict() {}

  /**
   * Refuses weights that are not exactly what a network expects, and says in one list what is
   * missing, unexpected, of another shape or no weights at all.
   *
   * @param source where the weights come from, for the message
   * @param network the network's name, for the message
   * @param expected shape by name
   */
  public static void requireMatch(
      String source, String network, Map<String, NamedTensor> given, Map<String, long[]> expected) {
    List<String> missing = new ArrayList<>();
    List<String> shapes = new ArrayList<>();
    List<String> types = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          NamedTensor tensor = given.get(name);
          if (tensor == null) {
            if (!isCounter(name)) {
              missing.add(name);
            }
          } else if (!Arrays.equals(tensor.shape(), shape)) {
            shapes.add(
                "%s %s instead of %s"
                    .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
          } else if (!tensor.type().isFloating() && !isCounter(name)) {
            types.add(name + " " + tensor.type());
          }
        });
    List<String> unexpected =
        given.keySet().stream()
            .filter(name -> !expected.containsKey(name) && !isCounter(name))
            .toList();
    List<String> problems = new ArrayList<>();
    describe("missing", missing, problems);
    describe("unexpected", unexpected, problems);
    describe("of another shape", shapes, problems);
    describe("not of a floating-point type", types, problems);
    if (!problems.isEmpty()) {
      throw new InputException(
          "%s does not fit %s: %s".formatted(source, network, String.join("; ", problems)),
          "Name the network and the number of classes that these weights were trained with.");
    }
  }

  /** Whether a tensor only counts something, which no network reads. */
  public static boolean isCounter(String name) {
    return COUNTERS.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private static void describe(String what, List<String> names, List<String> problems) {
    if (names.isEmpty()) {
      return;
    }
    String more = names.size() > LISTED ? ", ..." : "";
    problems.add(
        "%d %s: %s%s"
            .formatted(
                names.size(),
                what,
                String.join(
                    ", ", names.stream().limit(LISTED).map(TorchCheckpoint::printable).toList()),
                more));
  }
}
