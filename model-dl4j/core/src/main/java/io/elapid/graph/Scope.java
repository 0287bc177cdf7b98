package io.elapid.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A module's view of the graph under construction: the prefix of its names, and where parameters,
 * statistics and observed intermediate results are declared.
 *
 * <p>A scope and its {@linkplain #child children} share one graph. Not safe for use by several
 * threads.
 */
public final class Scope {
  /** PyTorch's momentum of running statistics. */
  public static final double MOMENTUM = 0.1;

  private final Shared shared;
  private final String prefix;

  private Scope(Shared shared, String prefix) {
    this.shared = shared;
    this.prefix = prefix;
  }

  /**
   * The scope of a whole network.
   *
   * @param type FLOAT or DOUBLE: the type of every array in the graph
   */
  public static Scope root(SameDiff graph, DataType type, Mode mode) {
    return root(graph, type, mode, Freezing.nothing());
  }

  /** As {@link #root(SameDiff, DataType, Mode)}, of a network that is trained in part. */
  public static Scope root(SameDiff graph, DataType type, Mode mode, Freezing freezing) {
    return root(graph, type, mode, freezing, BatchStatistics.SHARD);
  }

  /** As {@link #root(SameDiff, DataType, Mode, Freezing)}, with a choice of statistics. */
  public static Scope root(
      SameDiff graph, DataType type, Mode mode, Freezing freezing, BatchStatistics statistics) {
    return new Scope(new Shared(graph, type, mode, freezing, statistics), "");
  }

  /** The scope of a sub-module: names in it start with this scope's, a dot, and {@code name}. */
  public Scope child(String name) {
    return new Scope(shared, name(name) + ".");
  }

  /** The sub-module with that index in a sequence. */
  public Scope child(int index) {
    return child(Integer.toString(index));
  }

  public SameDiff graph() {
    return shared.graph;
  }

  public DataType dataType() {
    return shared.type;
  }

  public Mode mode() {
    return shared.mode;
  }

  /** What of the network is not trained. */
  public Freezing freezing() {
    return shared.freezing;
  }

  /** Of what batch norms take the statistics that they normalise by in training. */
  public BatchStatistics statistics() {
    return shared.source;
  }

  /** Whether the batch norm that this scope is of goes by the statistics of the batch. */
  public boolean normsByBatch() {
    return mode() == Mode.TRAIN && !freezing().usesRunningStatistics(name("weight"));
  }

  /** Full name of {@code leaf} in this module. */
  public String name(String leaf) {
    return prefix + leaf;
  }

  /** Full name of this module; empty for the root. */
  public String name() {
    return prefix.isEmpty() ? prefix : prefix.substring(0, prefix.length() - 1);
  }

  /** A trainable tensor. */
  public SDVariable parameter(String leaf, Initializer initializer, long... shape) {
    shared.table.parameter(name(leaf), initializer, shape);
    return placeholder(leaf, shape);
  }

  /** A tensor that is part of the model but not trained. */
  public SDVariable buffer(String leaf, Initializer initializer, long... shape) {
    shared.table.buffer(name(leaf), initializer, shape);
    return placeholder(leaf, shape);
  }

  /** A tensor of the deploy form, computed once from weights of the train form. */
  public SDVariable derived(String leaf, WeightRule rule, long... shape) {
    shared.table.derived(name(leaf), rule, shape);
    return placeholder(leaf, shape);
  }

  /**
   * Notes that {@code value} is the batch's contribution to the running statistic {@code leaf},
   * which this scope declares as a buffer.
   *
   * @param momentum share of the batch's contribution in the new value, usually {@link #MOMENTUM}
   */
  public void batchStatistic(
      String leaf, double momentum, Initializer initializer, SDVariable value, long... shape) {
    shared.table.buffer(name(leaf), initializer, shape);
    shared.statistics.put(name(leaf), value);
    shared.momenta.put(name(leaf), momentum);
  }

  /**
   * A tensor of the official state dictionary whose values never change, such as the taps of a
   * fixed filter. It takes no part in the graph.
   */
  public void fixed(String leaf, double[] values, long... shape) {
    shared.table.fixed(name(leaf), values, shape);
  }

  /**
   * Factors (batch) that drop this module from some samples of a training step: each sample's is 0
   * with probability {@code rate}, else 1 / (1 - rate). The engine draws them.
   */
  public SDVariable dropPath(double rate, long batch) {
    requireDroppable(rate);
    return dropped("drop_path", new Dropped(rate, batch, 1));
  }

  /**
   * Factors (batch, channels) that drop some channels of some samples of a training step: each is 0
   * with probability {@code rate}, else 1 / (1 - rate). The engine draws them.
   */
  public SDVariable dropChannels(double rate, long batch, long channels) {
    requireDroppable(rate);
    return dropped("drop_channels", new Dropped(rate, batch, channels));
  }

  private void requireDroppable(double rate) {
    if (mode() != Mode.TRAIN || rate <= 0 || rate >= 1) {
      throw new IllegalArgumentException(
          "%s: drop rate %s in mode %s".formatted(name(), rate, mode()));
    }
  }

  private SDVariable dropped(String leaf, Dropped dropped) {
    SDVariable factors = placeholder(leaf, dropped.shape());
    shared.drops.put(factors.name(), dropped);
    return factors;
  }

  /** Placeholder to what is dropped there, in order of declaration. */
  public Map<String, Dropped> drops() {
    return Collections.unmodifiableMap(shared.drops);
  }

  /** Makes the output of this module findable under its official name. */
  public SDVariable tap(SDVariable value) {
    return tap("", value);
  }

  /**
   * Makes an intermediate result findable.
   *
   * @param suffix follows this module's name; by custom {@code .part} for a part of it, {@code #k}
   *     for its k-th output
   */
  public SDVariable tap(String suffix, SDVariable value) {
    shared.taps.put(name() + suffix, value.name());
    return value;
  }

  /** Running statistic to the variable that holds the batch's value; in order of declaration. */
  public Map<String, SDVariable> batchStatistics() {
    return Collections.unmodifiableMap(shared.statistics);
  }

  /** Share of a batch's contribution in the new value of a running statistic. */
  public double momentum(String statistic) {
    return shared.momenta.get(statistic);
  }

  /** Official module name to the graph variable that holds its output. */
  public Map<String, String> taps() {
    return Collections.unmodifiableMap(shared.taps);
  }

  /** Everything declared so far. */
  public ParameterTable table() {
    return shared.table.build();
  }

  private SDVariable placeholder(String leaf, long... shape) {
    return shared.graph.placeHolder(name(leaf), shared.type, shape);
  }

  private static final class Shared {
    private final SameDiff graph;
    private final DataType type;
    private final Mode mode;
    private final Freezing freezing;
    private final BatchStatistics source;
    private final ParameterTable.Builder table = new ParameterTable.Builder();
    private final Map<String, SDVariable> statistics = new LinkedHashMap<>();
    private final Map<String, Double> momenta = new HashMap<>();
    private final Map<String, Dropped> drops = new LinkedHashMap<>();
    private final Map<String, String> taps = new LinkedHashMap<>();

    Shared(SameDiff graph, DataType type, Mode mode, Freezing freezing, BatchStatistics source) {
      this.graph = graph;
      this.type = type;
      this.mode = mode;
      this.freezing = freezing;
      this.source = source;
    }
  }
}
