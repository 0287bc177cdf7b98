package io.elapid.model;

import io.elapid.data.InputException;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.model.efficientvim.EfficientViMConfig;
import io.elapid.model.tinyvim.TinyViM;
import io.elapid.model.tinyvim.TinyViMConfig;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The networks that recipes and commands can name. */
public final class Models {
  private static final Map<String, Backbone> BY_NAME =
      index(
          new EfficientViM(EfficientViMConfig.nano()),
          new EfficientViM(EfficientViMConfig.m1()),
          new EfficientViM(EfficientViMConfig.m2()),
          new EfficientViM(EfficientViMConfig.m3()),
          new EfficientViM(EfficientViMConfig.m4()),
          new TinyViM(TinyViMConfig.small()),
          new TinyViM(TinyViMConfig.base()),
          new TinyViM(TinyViMConfig.large()));

  private Models() {}

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
    Backbone backbone = BY_NAME.get(name.toLowerCase(Locale.ROOT));
    if (backbone == null) {
      throw new InputException(
          "there is no model called '%s'".formatted(name),
          "did you mean '%s'? The models are: %s"
              .formatted(nearest(name), String.join(", ", names())));
    }
    return backbone;
  }

  private static String nearest(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return names().stream()
        .min(Comparator.comparingInt(known -> EditDistance.between(known, wanted)))
        .orElseThrow();
  }

  private static Map<String, Backbone> index(Backbone... networks) {
    Map<String, Backbone> index = new LinkedHashMap<>();
    for (Backbone network : networks) {
      index.put(network.name(), network);
    }
    return Collections.unmodifiableMap(index);
  }
}
