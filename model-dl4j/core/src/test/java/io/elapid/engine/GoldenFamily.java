package io.elapid.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.kernel.HaarKernel;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import io.elapid.model.efficientvmamba.EfficientVMamba;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;

/** What golden files of a family call things, and how closely float32 follows the family. */
enum GoldenFamily {
  TINYVIM("TinyViM", 2e-5) {
    @Override
    String module(String part, int number) {
      return switch (part) {
        case "stem" -> "patch_embed";
        case "stage" -> "network." + 2 * (number - 1);
        case "down" -> "network." + (2 * number - 1);
        case "final_norm" -> "norm";
        default -> part;
      };
    }

    /**
     * GELU is part of the op before it, the shortcut of a re-parameterised convolution of a sum.
     */
    @Override
    boolean exists(String module) {
      return !module.matches(".*\\.conv1|patch_embed\\.[02](\\.bn)?|.*\\.mlp\\.fc1(\\.bn)?");
    }
  },

  MOBILEMAMBA("MobileMamba", 2e-5) {
    @Override
    String module(String part, int number) {
      return switch (part) {
        case "stem" -> "patch_embed";
        case "stage" -> "blocks" + number;
        case "down" -> "blocks%d.2".formatted(number + 1);
        case "head_bn" -> "head.bn";
        default -> part;
      };
    }

    /** ReLU and gate are part of the ops before them, the base's scale of the sum after it. */
    @Override
    boolean exists(String module) {
      return !module.matches(
          "patch_embed\\.[024](\\.bn)?|.*\\.pw1(\\.bn)?|.*\\.1\\.conv[12](\\.bn)?"
              + "|.*\\.local_op\\.bn1|.*\\.global_atten\\.act|.*\\.base_scale");
    }

    /**
     * The files' wavelet filters are of 1/2, as the official code computes them in double; those of
     * the published networks are of the float below it. The square of the filters' taps is a factor
     * of this scale.
     */
    @Override
    double ratio(String parameter) {
      double tap = HaarKernel.SCALE;
      return parameter.endsWith(".wavelet_scale.0.weight") ? 0.25 / (tap * tap) : 1;
    }
  },

  /** Its mixer, a polynomial of degree five, amplifies rounding. */
  EFFICIENTVIM("EfficientViM", 5e-4) {
    @Override
    String module(String part, int number) {
      return switch (part) {
        case "stem" -> "patch_embed";
        case "stage" -> "stages.%d#1".formatted(number - 1);
        case "stage_h" -> "stages.%d#2".formatted(number - 1);
        case "down" -> "stages.%d.downsample".formatted(number - 1);
        case "head" -> "heads." + number;
        default -> part;
      };
    }

    /** Gate and ReLU are part of the ops before them. */
    @Override
    boolean exists(String module) {
      return !module.matches(
          ".*\\.mixer\\.act|patch_embed\\.conv\\.[0-2]\\.norm|.*\\.ffn\\.fc1\\.norm"
              + "|.*\\.downsample\\.conv\\.[01]\\.norm");
    }
  },

  EFFICIENTVMAMBA("EfficientVMamba", 2e-5) {
    @Override
    String module(String part, int number) {
      return switch (part) {
        case "stem" -> "patch_embed";
        case "stage" -> "layers.%d.blocks".formatted(number - 1);
        case "down" -> "layers.%d".formatted(number - 1);
        case "final_norm" -> "classifier.norm";
        default -> part;
      };
    }

    @Override
    Backbone undropped(String name) {
      return ((EfficientVMamba) Models.byName(name)).withDropPath(0);
    }

    /** Gate, ReLU, GELU and changes of layout are part of the ops around them. */
    @Override
    boolean exists(String module) {
      return !module.matches(
          "patch_embed\\.1|.*\\.op\\.act|.*\\.conv_(pw|dw|branch)\\.1|.*\\.se\\.avgp"
              + "|classifier\\.(permute|avgpool|flatten)");
    }
  };

  private static final Pattern NUMBERED = Pattern.compile("([a-z]+)(\\d+)(_h)?");

  private final String title;
  private final double floatTolerance;

  GoldenFamily(String title, double floatTolerance) {
    this.title = title;
    this.floatTolerance = floatTolerance;
  }

  static GoldenFamily of(JsonNode json) {
    return ofNetwork(GoldenNetwork.name(json));
  }

  /** The family of a network's name, as {@code tinyvim_s}. */
  static GoldenFamily ofNetwork(String name) {
    String family = name.substring(0, name.indexOf('_'));
    return Arrays.stream(values())
        .filter(known -> known.title.equalsIgnoreCase(family))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no names for the family of " + name));
  }

  /** How files spell it. */
  String title() {
    return title;
  }

  /** Official name of the module whose output a file calls {@code feature}. */
  String module(String feature) {
    Matcher numbered = NUMBERED.matcher(feature);
    if (!numbered.matches()) {
      return module(feature, 0);
    }
    String suffix = numbered.group(3) == null ? "" : numbered.group(3);
    return module(numbered.group(1) + suffix, Integer.parseInt(numbered.group(2)));
  }

  /**
   * Official name of a feature's module.
   *
   * @param number of the stage, the first being 1; 0 if the feature has none
   */
  abstract String module(String part, int number);

  /** Whether the output of an official module is a tensor of its own here. */
  abstract boolean exists(String module);

  /** A network that keeps all paths in training, as in all files. */
  Backbone undropped(String name) {
    return Models.byName(name);
  }

  /** By what a parameter of ours is to be larger than the file's for both networks to be equal. */
  double ratio(String parameter) {
    return 1;
  }

  /** Of results, relative to the largest element. */
  double tolerance(DataType type) {
    return type == DataType.FLOAT ? floatTolerance : 1e-7;
  }
}
