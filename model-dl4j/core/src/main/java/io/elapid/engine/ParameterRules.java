package io.elapid.engine;

import io.elapid.data.InputException;
import io.elapid.graph.Freezing;
import io.elapid.graph.NamePattern;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel.Units;
import io.elapid.optim.ParameterRange;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What the optimiser does differently for some tensors.
 *
 * @param decayed what decays unless a rule says otherwise
 * @param rules of several that match a name and say something, the last counts
 * @param freezing what is not trained at all
 */
public record ParameterRules(Decayed decayed, List<Rule> rules, Freezing freezing) {
  private static final String MEAN = ".running_mean";

  /** Which tensors decay. */
  public enum Decayed {
    /** All but those of rank 1 and those named {@code .bias}, as in all published recipes. */
    MATRICES,
    /** All, as in mmdetection and mmsegmentation. */
    ALL
  }

  /**
   * A rule.
   *
   * @param rate factor on the learning rate
   * @param decay factor on the weight decay, in place of what {@link Decayed} says
   */
  public record Rule(NamePattern names, OptionalDouble rate, OptionalDouble decay) {}

  /** Copies the rules. */
  public ParameterRules {
    rules = List.copyOf(rules);
  }

  /** Everything is trained alike; vectors and biases do not decay. */
  public static ParameterRules published() {
    return new ParameterRules(Decayed.MATRICES, List.of(), Freezing.nothing());
  }

  /**
   * Refuses patterns that match nothing, and to freeze everything.
   *
   * @throws InputException naming all such patterns
   */
  public void requireFitting(String model, ParameterTable table) {
    List<String> names = table.parameters().stream().map(Slot::name).toList();
    List<String> idle =
        Stream.of(
                rules.stream().map(Rule::names),
                freezing.frozen().stream(),
                freezing.statistics().stream())
            .flatMap(patterns -> patterns)
            .filter(pattern -> names.stream().noneMatch(pattern::matches))
            .map(NamePattern::text)
            .toList();
    if (!idle.isEmpty()) {
      throw new InputException(
          "no parameter of %s is called %s".formatted(model, String.join(" or ", idle)),
          "names begin with those of modules, which `elapid summary %s` lists; * stands for any characters"
              .formatted(model));
    }
    requireNorms(model, table);
    if (names.stream().allMatch(freezing::freezes)) {
      throw new InputException(
          "every parameter of %s is frozen".formatted(model), "freeze fewer names");
    }
  }

  /** A batch norm is told of by its weight; what matches others alone would do nothing. */
  private void requireNorms(String model, ParameterTable table) {
    List<String> norms =
        table.buffers().stream()
            .map(Slot::name)
            .filter(name -> name.endsWith(MEAN))
            .map(name -> name.substring(0, name.length() - MEAN.length()) + ".weight")
            .toList();
    List<String> idle =
        freezing.statistics().stream()
            .filter(pattern -> norms.stream().noneMatch(pattern::matches))
            .map(NamePattern::text)
            .toList();
    if (!idle.isEmpty()) {
      throw new InputException(
          "no batch norm of %s, whose statistics could stay, is called %s"
              .formatted(model, String.join(" or ", idle)),
          norms.isEmpty()
              ? "leave them out: it has no batch norms"
              : "batch norms are named by their weights, such as %s; * stands for any characters"
                  .formatted(norms.get(0)));
    }
  }

  /** How each parameter is treated, in arena order. */
  List<ParameterRange> ranges(ParameterTable table) {
    List<ParameterRange> ranges = new ArrayList<>();
    for (Slot slot : table.parameters()) {
      ranges.add(range(slot));
    }
    return ranges;
  }

  private ParameterRange range(Slot slot) {
    int from = Math.toIntExact(slot.offset());
    int to = Math.toIntExact(slot.offset() + slot.length());
    if (freezing.freezes(slot.name())) {
      return ParameterRange.frozen(from, to);
    }
    double rate = 1;
    double decay = decayed == Decayed.ALL || slot.decayed() ? 1 : 0;
    for (Rule rule : rules) {
      if (rule.names().matches(slot.name())) {
        rate = rule.rate().orElse(rate);
        decay = rule.decay().orElse(decay);
      }
    }
    return new ParameterRange(from, to, rate, decay);
  }

  /** What adaptive clipping takes as one: rows, and vectors as a whole; nothing that is frozen. */
  List<Units> units(ParameterTable table) {
    List<Units> units = new ArrayList<>();
    for (Slot slot : table.parameters()) {
      if (!freezing.freezes(slot.name())) {
        int count = slot.shape().length > 1 ? Math.toIntExact(slot.shape()[0]) : 1;
        int length = Math.toIntExact(slot.length() / count);
        units.add(new Units(Math.toIntExact(slot.offset()), count, length));
      }
    }
    return units;
  }
}
