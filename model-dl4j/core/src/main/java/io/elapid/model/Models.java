package io.elapid.model;

import io.elapid.data.InputException;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.model.efficientvim.EfficientViMConfig;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The networks that recipes and commands can name. */
public final class Models {
  private static final String EFFICIENTVIM_NOTE = "MACs with two per batch-normed element";

  private static final Map<String, Known> BY_NAME =
      index(
          ours(new EfficientViM(EfficientViMConfig.nano())),
          vim(EfficientViMConfig.m1(), "6.7 M", "239 M"),
          vim(EfficientViMConfig.m2(), "13.9 M", "355 M"),
          vim(EfficientViMConfig.m3(), "16.6 M", "656 M"),
          vim(EfficientViMConfig.m4(), "19.6 M", "1111 M"));

  private Models() {}

  private record Known(Backbone network, Optional<ModelFacts> facts) {}

  /** All names, families together, smallest first. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The network of that name, in any case.
   *
   * @throws InputException if there is none; the remedy names the nearest
   */
  public static Backbone byName(String name) {
    return known(name).network();
  }

  /**
   * What the paper prints about the network of that name; empty if it is one of our own.
   *
   * @throws InputException if there is none; the remedy names the nearest
   */
  public static Optional<ModelFacts> facts(String name) {
    return known(name).facts();
  }

  private static Known known(String name) {
    Known known = BY_NAME.get(name.toLowerCase(Locale.ROOT));
    if (known == null) {
      throw new InputException(
          "there is no model called '%s'".formatted(name),
          "did you mean '%s'? The models are: %s"
              .formatted(nearest(name), String.join(", ", names())));
    }
    return known;
  }

  private static String nearest(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return names().stream()
        .min(Comparator.comparingInt(known -> EditDistance.between(known, wanted)))
        .orElseThrow();
  }

  private static Known ours(Backbone network) {
    return new Known(network, Optional.empty());
  }

  private static Known vim(EfficientViMConfig config, String parameters, String macs) {
    return published(new EfficientViM(config), parameters, macs, EFFICIENTVIM_NOTE);
  }

  private static Known published(Backbone network, String parameters, String macs, String note) {
    ModelFacts facts = new ModelFacts(network.imageSize(), parameters, macs, note);
    return new Known(network, Optional.of(facts));
  }

  private static Map<String, Known> index(Known... networks) {
    Map<String, Known> index = new LinkedHashMap<>();
    for (Known known : networks) {
      index.put(known.network().name(), known);
    }
    return Collections.unmodifiableMap(index);
  }
}
