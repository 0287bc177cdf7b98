package io.elapid.model;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.StateDict;
import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.ImageNetClasses;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Weights from anywhere, with the network that they belong to. Needs a backend. */
public final class Pretrained {
  private static final String BACKBONE = "backbone.";

  private Pretrained() {}

  /**
   * Loads weights that say which network they belong to, or that are said to belong to {@code
   * model}; those are checked by name and shape of every tensor.
   *
   * @param model name of the network; may be empty for weights that elapid wrote
   * @return with a description; classes have ImageNet's names where there are a thousand without
   * @throws InputException if there are no such weights, or they are another network's
   */
  public static ModelWeights load(
      Configuration conf, Path path, ModelWeights.Variant variant, Optional<String> model)
      throws IOException {
    ModelWeights weights = ModelWeights.load(conf, path, variant);
    if (weights.meta().isPresent()) {
      requireSame(weights, model);
      return weights;
    }
    String name =
        model.orElseThrow(
            () ->
                new InputException(
                    weights.source() + ": does not say which network it holds",
                    "Name it with --model: " + String.join(", ", Models.names())));
    return new ModelWeights(
        weights.source(), Optional.of(describe(weights, Models.byName(name))), weights.tensors());
  }

  /**
   * The network that loaded weights belong to, with the heads that they have: official weights come
   * with and without those for distillation.
   */
  public static Backbone network(ModelWeights weights) {
    return withFittingHeads(
        Models.byName(weights.meta().orElseThrow().model()), weights.tensors().keySet());
  }

  private static Backbone withFittingHeads(Backbone usual, Set<String> names) {
    for (Heads heads : Heads.values()) {
      if (heads != usual.heads() && !fits(usual, names)) {
        Optional<Backbone> other = withHeads(usual, heads).filter(n -> fits(n, names));
        if (other.isPresent()) {
          return other.get();
        }
      }
    }
    return usual;
  }

  private static Optional<Backbone> withHeads(Backbone network, Heads heads) {
    try {
      return Optional.of(network.withHeads(heads));
    } catch (InputException e) {
      return Optional.empty(); // the family has none of that kind
    }
  }

  private static boolean fits(Backbone network, Set<String> names) {
    Set<String> expected = new HashSet<>(Classifier.shapes(network, 1).keySet());
    Set<String> given = new HashSet<>(names);
    given.removeIf(StateDict::isCounter);
    return expected.equals(given);
  }

  /**
   * Weights to start training from: all but the classifier, which stays as {@code fresh} has it, as
   * does what only heads of the other kind would bring or lack.
   *
   * @param fresh all tensors of the network with their initial values
   */
  public static Map<String, NamedTensor> withoutClassifier(
      Backbone network, ModelWeights weights, List<NamedTensor> fresh) {
    Backbone given = network(weights);
    Set<String> names = Classifier.shapes(network, 1).keySet();
    Set<String> givenNames = Classifier.shapes(given, 1).keySet();
    Set<String> classifier = new Classifier(network).names();
    Map<String, NamedTensor> tensors = new LinkedHashMap<>(weights.tensors());
    tensors.keySet().removeAll(new Classifier(given).names());
    tensors.keySet().removeIf(name -> givenNames.contains(name) && !names.contains(name));
    fresh.stream()
        .filter(tensor -> classifier.contains(tensor.name()) || !givenNames.contains(tensor.name()))
        .forEach(tensor -> tensors.put(tensor.name(), tensor));
    return tensors;
  }

  /**
   * Weights of a classifier for the backbone of a network that does something else: what stands
   * under {@code backbone.} there; all else stays as {@code fresh} has it. Weights of such a
   * network are taken as they are.
   *
   * @param fresh all tensors of the network with their initial values
   * @throws InputException if they have nothing for the backbone
   */
  public static Map<String, NamedTensor> forBackbone(
      ModelWeights weights, List<NamedTensor> fresh) {
    Map<String, NamedTensor> given = weights.tensors();
    if (isAroundBackbone(weights)) {
      return given;
    }
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    boolean found = false;
    for (NamedTensor tensor : fresh) {
      String name = tensor.name();
      NamedTensor trained =
          name.startsWith(BACKBONE) ? given.get(name.substring(BACKBONE.length())) : null;
      found |= trained != null;
      tensors.put(
          name,
          trained == null
              ? tensor
              : new NamedTensor(name, trained.type(), trained.shape(), trained.data()));
    }
    if (!found) {
      throw new InputException(
          weights.source() + ": holds nothing for the backbone",
          "start from weights of the network that model.name names");
    }
    return tensors;
  }

  /** Whether weights are of a network that finds something within pictures. */
  public static boolean isAroundBackbone(ModelWeights weights) {
    return weights.tensors().keySet().stream().anyMatch(name -> name.startsWith(BACKBONE));
  }

  /**
   * Refuses weights of a network that finds something within pictures.
   *
   * @param key of the recipe that names them
   * @throws InputException if they are
   */
  public static void requireClassifier(String key, ModelWeights weights) {
    if (isAroundBackbone(weights)) {
      throw new InputException(
          "%s: %s finds something within pictures, and a classifier is needed"
              .formatted(key, weights.source()),
          "name the weights of a classifier");
    }
  }

  private static void requireSame(ModelWeights weights, Optional<String> model) {
    String held = weights.meta().orElseThrow().model();
    if (model.isPresent() && !Models.byName(model.get()).name().equals(held)) {
      throw new InputException(
          "%s: holds %s, not %s".formatted(weights.source(), held, model.get()),
          "Leave out --model, or name other weights.");
    }
  }

  private static CheckpointMeta describe(ModelWeights weights, Backbone usual) {
    Backbone network = withFittingHeads(usual, weights.tensors().keySet());
    Classifier classifier = new Classifier(network);
    int classes = classifier.classes(weights.tensors()).orElse(ImageNetClasses.COUNT);
    StateDict.requireMatch(
        weights.source(), network.name(), weights.tensors(), classifier.expected(classes));
    List<ClassLabel> labels =
        classes == ImageNetClasses.COUNT ? ImageNetClasses.labels() : List.of();
    return new CheckpointMeta(
        network.name(),
        classes,
        network.imageSize(),
        0,
        0,
        labels,
        Map.of("weights", weights.source()),
        "",
        Map.of());
  }
}
