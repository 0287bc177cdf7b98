package io.elapid.model;

import io.elapid.data.InputException;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.model.efficientvim.EfficientViMConfig;
import io.elapid.model.efficientvmamba.EfficientVMamba;
import io.elapid.model.efficientvmamba.EfficientVMambaConfig;
import io.elapid.model.mobilemamba.MobileMamba;
import io.elapid.model.mobilemamba.MobileMambaConfig;
import io.elapid.model.tinyvim.TinyViM;
import io.elapid.model.tinyvim.TinyViMConfig;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The networks that recipes and commands can name. */
public final class Models {
  private static final Map<String, Known> BY_NAME =
      index(
          tiny(TinyViMConfig.small(), "5.6 M", "0.9 G"),
          tiny(TinyViMConfig.base(), "11.0 M", "1.5 G"),
          tiny(TinyViMConfig.large(), "31.7 M", "4.7 G"),
          mobile(MobileMambaConfig.t2(), "8.8 M", "255 M"),
          mobile(MobileMambaConfig.t4(), "14.2 M", "413 M"),
          mobile(MobileMambaConfig.s6(), "15.0 M", "652 M"),
          mobile(MobileMambaConfig.b1(), "17.1 M", "1080 M"),
          mobile(MobileMambaConfig.b2(), "17.1 M", "2427 M"),
          mobile(MobileMambaConfig.b4(), "17.1 M", "4313 M"),
          ours(new EfficientViM(EfficientViMConfig.nano())),
          vim(EfficientViMConfig.m1(), "6.7 M", "239 M"),
          vim(EfficientViMConfig.m2(), "13.9 M", "355 M"),
          vim(EfficientViMConfig.m3(), "16.6 M", "656 M"),
          vim(EfficientViMConfig.m4(), "19.6 M", "1111 M"),
          vmamba(EfficientVMambaConfig.t(), "6 M", "0.8 G", "MACs with the scan"),
          vmamba(EfficientVMambaConfig.s(), "11 M", "1.3 G", "of width 64, not of the printed 96"),
          vmamba(EfficientVMambaConfig.s64(), "11 M", "1.3 G", "printed with width 96"),
          vmamba(EfficientVMambaConfig.b(), "33 M", "4.0 G", "MACs with the scan"));

  private Models() {}

  private record Known(Backbone network, Optional<ModelFacts> facts) {}

  /** All names, families together, always in the same order. */
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

  private static Known tiny(TinyViMConfig config, String parameters, String macs) {
    String note = "one head, batch norm folded";
    return published(new TinyViM(config), parameters, macs, note);
  }

  private static Known mobile(MobileMambaConfig config, String parameters, String macs) {
    String note = "MACs with batch norm, pooling and the scan";
    return published(new MobileMamba(config), parameters, macs, note);
  }

  private static Known vim(EfficientViMConfig config, String parameters, String macs) {
    String note = "MACs with two per batch-normed element";
    return published(new EfficientViM(config), parameters, macs, note);
  }

  private static Known vmamba(
      EfficientVMambaConfig config, String parameters, String macs, String note) {
    return published(new EfficientVMamba(config), parameters, macs, note);
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
