package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.kernel.ActivationKind;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import io.elapid.op.ElapidOp;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Networks and inputs as golden files describe them. */
final class GoldenNetwork {
  static final int CLASSES = 1000;

  /** Operations whose first attribute is an activation. */
  private static final Set<String> RECTIFYING =
      Set.of("elapid_activation", "elapid_batch_norm", "elapid_batch_norm_inference");

  private GoldenNetwork() {}

  /**
   * Golden files of networks, by the file's {@code mode}; maybe none, as a folder given by property
   * need not hold every kind.
   */
  static List<Golden> files(String mode) {
    return Goldens.all(path -> true).stream()
        .filter(golden -> golden.json().path("mode").asText().equals(mode))
        .toList();
  }

  static String name(JsonNode json) {
    String family = json.path("family").asText();
    return (family + "_" + json.path("variant").asText()).toLowerCase(Locale.ROOT);
  }

  /** The network; golden files know no dropped paths. */
  static Backbone backbone(Golden golden) {
    return Models.byName(name(golden.json()));
  }

  static Frame input(JsonNode json) {
    return new Frame(
        json.path("batch").asInt(),
        json.path("resolution").get(0).asInt(),
        json.path("resolution").get(1).asInt());
  }

  /** The file's weights as they give our network the same function. */
  private static Weights weights(Backbone backbone, Filler filler) {
    GoldenFamily family = GoldenFamily.ofNetwork(backbone.name());
    Weights given = weights(filler);
    return (name, shape) -> {
      double[] values = given.values(name, shape);
      double ratio = family.ratio(name);
      return ratio == 1 ? values : Arrays.stream(values).map(v -> v * ratio).toArray();
    };
  }

  static Weights weights(Filler filler) {
    return (name, shape) -> widened(filler.parameter(name, shape).orElseThrow());
  }

  static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static void write(Arena arena, long start, double[] values) {
    if (arena.type() == DataType.DOUBLE) {
      arena.buffer(start, values.length).asDoubleBuffer().put(values);
      return;
    }
    var floats = arena.buffer(start, values.length).asFloatBuffer();
    for (double value : values) {
      floats.put((float) value);
    }
  }

  static double[] images(Filler filler, Frame input) {
    return widened(filler.input("input", 3 * input.batch() * input.height() * input.width()));
  }

  /** A forward pass, with the outputs of some modules. */
  static final class Forward implements AutoCloseable {
    private final Blueprint blueprint;
    private final Arena weights;
    private final Arena images;
    private final StepProgram program;

    /** A pass that keeps the scores only. */
    Forward(Backbone backbone, Frame input, DataType type, Mode mode, Filler filler) {
      this(backbone, input, type, mode, filler, Set.of());
    }

    /**
     * Runs the network.
     *
     * @param modules official names of the modules whose outputs are wanted
     */
    Forward(
        Backbone backbone,
        Frame input,
        DataType type,
        Mode mode,
        Filler filler,
        Set<String> modules) {
      this.blueprint = Blueprint.answering(new Classifier(backbone, CLASSES), input, type, mode);
      this.weights = Arena.allocate(type, blueprint.table().length());
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(GoldenNetwork.weights(backbone, filler));
      double[] pixels = images(filler, input);
      this.images = Arena.allocate(type, pixels.length);
      write(images, 0, pixels);
      Map<String, INDArray> inputs = new HashMap<>(parameters.arrays());
      inputs.put(Ports.IMAGES, images.view(0, input.shape()));
      assertThat(blueprint.taps().keySet()).containsAll(modules);
      Set<String> kept = new LinkedHashSet<>();
      modules.forEach(module -> kept.add(blueprint.taps().get(module)));
      kept.add(blueprint.output(Classifier.LOGITS).name());
      this.program =
          StepProgram.compile(new ProgramSpec(blueprint.graph(), inputs, Map.of(), kept));
      program.run();
    }

    INDArray logits() {
      return program.kept(blueprint.output(Classifier.LOGITS).name());
    }

    ParameterTable table() {
      return blueprint.table();
    }

    INDArray output(String module) {
      return program.kept(blueprint.taps().get(module));
    }

    @Override
    public void close() {
      program.close();
      images.close();
      weights.close();
    }
  }

  /** Forward and backward pass with the labels of a golden file. */
  static final class Backward implements AutoCloseable {
    private final Blueprint blueprint;
    private final Arena weights;
    private final ShardProgram shard;
    private final Classifiers.Recorded recorded;

    Backward(Backbone backbone, JsonNode json, DataType type, Mode mode, Filler filler) {
      Frame input = input(json);
      this.recorded = new Classifiers.Recorded(backbone);
      this.blueprint = Classifiers.learning(recorded, CLASSES, input, type, mode);
      this.weights = Arena.allocate(type, blueprint.table().length());
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(GoldenNetwork.weights(backbone, filler));
      Set<String> heads = new LinkedHashSet<>();
      judged().forEach(head -> heads.add(head.name()));
      heads.remove(blueprint.output(Classifier.LOGITS).name());
      Set<String> kept = new LinkedHashSet<>(heads);
      kept.addAll(relus());
      this.shard = ShardProgram.compile(blueprint, Classifiers.FIGURES, parameters, kept);
      double[] pixels = images(filler, input);
      write(shard.inputs().arena(), 0, pixels);
      write(shard.inputs().arena(), pixels.length, oneHot(json.path("labels")));
      shard.run();
    }

    private static double[] oneHot(JsonNode labels) {
      double[] targets = new double[labels.size() * CLASSES];
      for (int row = 0; row < labels.size(); row++) {
        targets[row * CLASSES + labels.get(row).asInt()] = 1;
      }
      return targets;
    }

    /** Results of operations that are or end in a ReLU. */
    private List<String> relus() {
      return blueprint.graph().getOps().values().stream()
          .filter(each -> RECTIFYING.contains(each.getOp().opName()))
          .filter(each -> ((ElapidOp) each.getOp()).iArgs()[0] == ActivationKind.RELU.code())
          .map(each -> each.getOutputsOfOp().get(0))
          .toList();
    }

    /** Which of all the ReLUs let their input pass. */
    BitSet open() {
      BitSet open = new BitSet();
      int next = 0;
      for (String relu : relus()) {
        for (double y : GoldenAssertions.elements(shard.program().kept(relu))) {
          open.set(next++, y > 0);
        }
      }
      return open;
    }

    ShardProgram shard() {
      return shard;
    }

    Arena weights() {
      return weights;
    }

    double loss() {
      return shard.vector().view(shard.layout().loss()).getDouble(0);
    }

    /** The scores that the loss averages over. */
    List<INDArray> heads() {
      return judged().stream().map(this::scores).toList();
    }

    private List<SDVariable> judged() {
      return blueprint.scope().mode() == Mode.TRAIN
          ? recorded.scores().heads()
          : List.of(recorded.scores().logits());
    }

    private INDArray scores(SDVariable head) {
      return head.name().equals(blueprint.output(Classifier.LOGITS).name())
          ? shard.outputs().array(Classifier.LOGITS)
          : shard.program().kept(head.name());
    }

    Slot slot(String name) {
      return blueprint.table().slots().stream()
          .filter(slot -> slot.name().equals(name))
          .findFirst()
          .orElseThrow();
    }

    List<Slot> parameters() {
      return blueprint.table().parameters();
    }

    /** Gradient of a parameter, or the batch's value of a statistic. */
    INDArray result(Slot slot) {
      return shard.vector().view(slot.offset(), slot.shape());
    }

    INDArray weight(Slot slot) {
      return weights.view(slot.offset(), slot.shape());
    }

    @Override
    public void close() {
      shard.close();
      weights.close();
    }
  }
}
