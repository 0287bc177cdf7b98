package io.elapid.model;

import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import java.util.HashMap;
import java.util.Map;

/** What every tensor of the four families starts from in the official code, by its name. */
final class StartRules {
  private static final Start NORMAL = new Start.Normal(0.02);

  private final Map<String, long[]> shapes = new HashMap<>();

  StartRules(ParameterTable table) {
    table.slots().forEach(slot -> shapes.put(slot.name(), slot.shape()));
  }

  Start of(String network, Slot slot) {
    return switch (leaf(slot.name())) {
      case "running_mean" -> Start.ZERO;
      case "running_var", "Ds", "D" -> Start.ONE;
      case "x_proj_weight" -> Start.rootOf((double) last(slot));
      default ->
          switch (network.substring(0, network.indexOf('_'))) {
            case "tinyvim" -> tinyVim(slot);
            case "mobilemamba" -> mobileMamba(slot);
            case "efficientvim" -> efficientVim(slot);
            default -> efficientVMamba(slot);
          };
    };
  }

  private Start tinyVim(Slot slot) {
    return switch (leaf(slot.name())) {
      case "weight" -> slot.shape().length == 1 ? Start.ONE : NORMAL;
      case "bias" -> Start.ZERO;
      case "layer_scale" -> Start.ONE;
      default -> mamba(slot);
    };
  }

  private Start mobileMamba(Slot slot) {
    String name = slot.name();
    return switch (leaf(name)) {
      case "A_logs" -> Start.ZERO;
      case "dt_projs_weight", "dt_projs_bias" -> new Start.Uniform(0, 0.1);
      default -> {
        if (name.contains(".base_scale.")) {
          yield Start.ONE;
        }
        if (name.contains(".wavelet_scale.")) {
          yield new Start.Constant(0.1);
        }
        if (closesMobileMambaBranch(name)) {
          yield Start.ZERO;
        }
        yield name.startsWith("head.l.") ? linear(slot) : layer(slot);
      }
    };
  }

  /** The norms that official code starts at zero, so that the branches add nothing at first. */
  static boolean closesMobileMambaBranch(String name) {
    String depthwise = "blocks\\d\\.\\d+\\.dw[01]\\.m\\.bn";
    String feedForward = "blocks\\d\\.\\d+\\.ffn[01]\\.m\\.pw2\\.bn";
    String mixer = "blocks\\d\\.\\d+\\.mixer\\.m\\.attn\\.proj\\.1\\.bn";
    String downsampling = "blocks[23]\\.[02]\\.1\\.m\\.pw2\\.bn";
    String any = String.join("|", depthwise, feedForward, mixer, downsampling);
    return name.matches("(" + any + ")\\.weight");
  }

  private Start efficientVim(Slot slot) {
    String name = slot.name();
    return switch (leaf(name)) {
      case "alpha" -> new Start.Constant(1e-4);
      case "A" -> new Start.Uniform(1, 16);
      case "weights" -> Start.ONE;
      default -> name.startsWith("heads.") ? linear(slot) : layer(slot);
    };
  }

  private Start efficientVMamba(Slot slot) {
    String layers = "in_proj|out_proj|global_reduce|channel_select|reduction|head";
    return switch (leaf(slot.name())) {
      case "weight", "bias" ->
          slot.name().matches(".*\\.(" + layers + ")\\.\\w+") ? linear(slot) : layer(slot);
      default -> mamba(slot);
    };
  }

  /** The start of Mamba's own state space. */
  private static Start mamba(Slot slot) {
    return switch (leaf(slot.name())) {
      case "dt_projs_weight" -> Start.rootOf((double) last(slot));
      case "dt_projs_bias" -> new Start.InverseSoftplusOfSteps();
      case "A_logs" -> new Start.LogarithmsOf(last(slot));
      default -> throw new IllegalArgumentException("no rule for " + slot);
    };
  }

  private static Start linear(Slot slot) {
    return leaf(slot.name()).equals("bias") ? Start.ZERO : NORMAL;
  }

  /** A norm, whose tensors are vectors or start with a one, or a layer with PyTorch's default. */
  private Start layer(Slot slot) {
    String name = slot.name();
    boolean isBias = leaf(name).equals("bias");
    String module = name.substring(0, name.lastIndexOf('.'));
    long[] weight = shapes.get(module + ".weight");
    if (weight.length == 1 || weight[0] == 1) {
      return isBias ? Start.ZERO : Start.ONE;
    }
    return Start.fanIn(weight);
  }

  private static String leaf(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static long last(Slot slot) {
    return slot.shape()[slot.shape().length - 1];
  }
}
