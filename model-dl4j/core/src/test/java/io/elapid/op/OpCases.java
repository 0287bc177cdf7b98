package io.elapid.op;

import static io.elapid.op.OpCase.between;
import static io.elapid.op.OpCase.constant;
import static io.elapid.op.OpCase.in;

import io.elapid.kernel.ActivationKind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Every op, on shapes chosen to hit edges: batch 1, length 1, lengths that no vector register
 * divides.
 */
final class OpCases {
  /**
   * System property: a pattern in the names of the cases that are wanted, for backends that leave
   * most ops to another one.
   */
  private static final String WANTED = "elapid.test.cases";

  private OpCases() {}

  private static List<OpCase> wanted(List<OpCase> cases) {
    Pattern pattern = Pattern.compile(System.getProperty(WANTED, ""));
    return cases.stream().filter(c -> pattern.matcher(c.name()).find()).toList();
  }

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    convolutions(cases);
    normalisations(cases);
    hiddenStates(cases);
    elementwise(cases);
    heads(cases);
    cases.addAll(DenseCases.all());
    cases.addAll(MapCases.all());
    cases.addAll(ScanCases.all());
    return wanted(cases);
  }

  /** Large enough that kernels share the work among threads. */
  static List<OpCase> large() {
    List<OpCase> cases = new ArrayList<>();
    for (ActivationKind kind : ActivationKind.values()) {
      cases.add(
          OpCase.of(
              "large batch norm " + kind,
              (g, v) -> batchNorm(g, v, kind),
              in("x", 3, 5, 57, 57),
              between("gamma", 0.5, 1.5, 5),
              between("beta", -0.1, 0.1, 5)));
    }
    for (ActivationKind kind : ActivationKind.values()) {
      cases.add(
          OpCase.of(
              "batch norm of many small maps " + kind,
              (g, v) -> batchNorm(g, v, kind),
              in("x", 9, 48, 7, 7),
              between("gamma", 0.5, 1.5, 48),
              between("beta", -0.1, 0.1, 48)));
    }
    cases.add(
        OpCase.of(
            "large batch norm of all shards",
            OpCases::batchNormOfAllShards,
            in("x", 3, 5, 57, 57),
            between("gamma", 0.5, 1.5, 5),
            between("beta", -0.1, 0.1, 5)));
    cases.add(shortcutNorm("large ", 3, 5, 57, 57));
    cases.add(shortcutNorm("large ", 9, 48, 7, 7));
    cases.add(
        OpCase.of(
            "large layer norm",
            (g, v) -> List.of(LayerNorm2d.apply(g, v.get(0), v.get(1), v.get(2))),
            in("x", 5, 71, 15, 13),
            between("weight", 0.5, 1.5, 71),
            between("bias", -0.1, 0.1, 71)));
    cases.add(
        OpCase.of(
            "large hidden state",
            (g, v) -> List.of(HiddenState.apply(g, v.get(0), v.get(1), v.get(2), v.get(3))),
            in("x", 5, 64, 196),
            in("b", 5, 21, 196),
            between("dt", -3, 3, 5, 21, 196),
            between("a", 1, 16, 21)));
    cases.add(
        OpCase.of(
            "large hidden gate",
            (g, v) -> List.of(HiddenGate.apply(g, v.get(0), v.get(1))),
            between("hz", -3, 3, 5, 512, 49),
            between("d", 0.5, 1.5, 1)));
    for (ActivationKind kind : ActivationKind.values()) {
      cases.add(
          OpCase.of(
              "large activation " + kind,
              (g, v) -> List.of(Activation.apply(g, v.get(0), kind)),
              between("x", -6, 6, 2, 64, 300)));
    }
    cases.add(
        OpCase.of(
            "large sum",
            (g, v) -> List.of(Sum.apply(g, v)),
            in("a", 3, 64, 300),
            in("b", 3, 64, 300)));
    cases.add(
        OpCase.of(
            "large channel scale",
            (g, v) -> List.of(ChannelScale.apply(g, v.get(0), v.get(1))),
            in("x", 3, 64, 14, 14),
            between("s", 0, 1, 3, 64)));
    cases.add(
        OpCase.of(
            "large spatial mean",
            (g, v) -> List.of(SpatialMean.apply(g, v.get(0))),
            in("x", 3, 64, 14, 14)));
    cases.add(
        OpCase.of(
            "large gated residual",
            (g, v) -> List.of(GatedResidual.apply(g, v.get(0), v.get(1), v.get(2), 1)),
            in("x", 3, 64, 14, 14),
            in("f", 3, 64, 14, 14),
            between("alpha", -3, -1, 4, 64)));
    cases.add(
        OpCase.of(
            "large linear",
            (g, v) -> List.of(Linear.apply(g, v.get(0), v.get(1), v.get(2))),
            in("x", 7, 320),
            in("w", 150, 320),
            in("bias", 150)));
    cases.add(
        OpCase.of(
            "large matrix product",
            (g, v) -> List.of(MatrixProduct.apply(g, v.get(0), v.get(1))),
            in("a", 5, 150, 49),
            in("b", 5, 49, 196)));
    largeConvolutions(cases);
    cases.addAll(DenseCases.large());
    cases.addAll(MapCases.large());
    cases.addAll(ScanCases.large());
    return wanted(cases);
  }

  private static void largeConvolutions(List<OpCase> cases) {
    conv(cases, "large conv", 3, 24, 40, 21, 19, 3, ConvSettings.of(1, 1));
    conv(cases, "large pointwise", 3, 64, 96, 14, 14, 1, ConvSettings.of(1, 0));
    conv(cases, "large depthwise", 3, 64, 64, 28, 28, 7, new ConvSettings(1, 3, 64));
    cases.add(
        OpCase.of(
            "large conv on data",
            (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), ConvSettings.of(2, 1))),
            constant("x", -1, 1, 3, 3, 64, 64),
            in("w", 24, 3, 3, 3)));
    cases.add(
        OpCase.of(
            "large batch norm inference",
            (g, v) ->
                List.of(
                    BatchNormInference.apply(
                        g, v.get(0), v.get(1), v.get(2), v.get(3), v.get(4), ActivationKind.RELU)),
            in("x", 3, 64, 14, 14),
            between("gamma", 0.5, 1.5, 64),
            between("beta", -0.1, 0.1, 64),
            constant("mean", -0.1, 0.1, 64),
            constant("variance", 0.5, 1.5, 64)));
  }

  private static void convolutions(List<OpCase> cases) {
    for (int kernel : new int[] {1, 3, 5, 7}) {
      for (int stride : new int[] {1, 2}) {
        conv(cases, "conv", 2, 3, 4, 7, 8, kernel, new ConvSettings(stride, kernel / 2, 1));
        conv(cases, "depthwise", 2, 4, 4, 8, 7, kernel, new ConvSettings(stride, kernel / 2, 4));
      }
    }
    axial(cases, 1, 7, 2);
    axial(cases, 7, 1, 2);
    axial(cases, 1, 7, 1);
    for (long[] size : new long[][] {{8, 12}, {9, 15}, {6, 5}}) {
      conv(cases, "patches", 2, 3, 5, (int) size[0], (int) size[1], 4, ConvSettings.of(4, 0));
    }
    conv(cases, "unpadded", 1, 2, 3, 5, 5, 3, ConvSettings.of(1, 0));
    conv(cases, "pixel", 1, 5, 3, 1, 1, 3, ConvSettings.of(1, 1));
    conv(cases, "dilated", 2, 3, 4, 7, 8, 3, ConvSettings.dilated(2));
    conv(cases, "mostly padding", 2, 3, 4, 5, 6, 3, ConvSettings.dilated(5));
    conv(cases, "all padding but", 2, 3, 4, 5, 6, 3, ConvSettings.dilated(12));
    conv(cases, "dilated and unpadded", 1, 2, 3, 7, 8, 3, new ConvSettings(1, 0, 0, 1, 3));
    conv(cases, "multiplied depthwise", 2, 3, 6, 5, 5, 3, new ConvSettings(1, 1, 3));
    for (ConvSettings settings :
        new ConvSettings[] {
          ConvSettings.of(1, 1),
          ConvSettings.of(2, 1),
          ConvSettings.of(2, 0),
          ConvSettings.of(4, 0),
          new ConvSettings(1, 0, 1, 1),
          ConvSettings.dilated(2)
        }) {
      cases.add(
          OpCase.of(
              "conv on data " + settings,
              (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), settings)),
              constant("x", -1, 1, 3, 2, 7, 6),
              in("w", 5, 2, 3, 3)));
      cases.add(
          OpCase.of(
              "conv with bias on data " + settings,
              (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), v.get(2), settings)),
              constant("x", -1, 1, 3, 2, 7, 6),
              in("w", 5, 2, 3, 3),
              in("bias", 5)));
    }
    sequence(cases, 1, 1, 1);
    sequence(cases, 3, 1, 1);
    sequence(cases, 3, 2, 4);
    cases.add(
        OpCase.of(
            "conv with bias",
            (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), v.get(2), ConvSettings.of(1, 1))),
            in("x", 2, 3, 6, 5),
            in("w", 4, 3, 3, 3),
            in("bias", 4)));
    cases.add(
        OpCase.of(
            "depthwise with bias",
            (g, v) ->
                List.of(Conv2d.apply(g, v.get(0), v.get(1), v.get(2), new ConvSettings(2, 1, 3))),
            in("x", 2, 3, 6, 5),
            in("w", 3, 1, 3, 3),
            in("bias", 3)));
  }

  private static void conv(
      List<OpCase> cases,
      String name,
      int b,
      int c,
      int o,
      int h,
      int w,
      int k,
      ConvSettings settings) {
    cases.add(
        OpCase.of(
            name + " " + k + "x" + k + " of " + h + "x" + w + " stride " + settings.stride(),
            (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), settings)),
            in("x", b, c, h, w),
            in("w", o, c / settings.groups(), k, k)));
  }

  private static void axial(List<OpCase> cases, int height, int width, int groups) {
    ConvSettings settings = new ConvSettings(1, height / 2, width / 2, groups);
    cases.add(
        OpCase.of(
            "axial " + height + "x" + width + " groups " + groups,
            (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), settings)),
            in("x", 2, 2, 5, 6),
            in("w", 2, 2 / groups, height, width)));
  }

  private static void sequence(List<OpCase> cases, int kernel, int stride, int groups) {
    ConvSettings settings = new ConvSettings(stride, kernel / 2, groups);
    cases.add(
        OpCase.of(
            "sequence " + kernel + " stride " + stride + " groups " + groups,
            (g, v) -> List.of(Conv2d.apply(g, v.get(0), v.get(1), settings)),
            in("x", 2, 4, 9),
            in("w", 8, 4 / groups, kernel)));
  }

  private static void normalisations(List<OpCase> cases) {
    long[][] shapes = {
      {2, 3, 4, 5},
      {3, 2, 7, 7},
      {4, 5, 1, 1},
      {5, 3},
      {1, 2, 37},
      {2, 3, 1},
      {2, 20, 16},
      {2, 5, 35},
      {2, 2, 11, 13}
    };
    for (ActivationKind activation : ActivationKind.values()) {
      for (long[] x : shapes) {
        String name = " " + activation + " " + ElapidOp.shape(x);
        cases.add(
            OpCase.of(
                "batch norm" + name,
                (g, v) -> batchNorm(g, v, activation),
                in("x", x),
                between("gamma", 0.5, 1.5, x[1]),
                between("beta", -0.1, 0.1, x[1])));
        cases.add(
            OpCase.of(
                "batch norm inference" + name,
                (g, v) ->
                    List.of(
                        BatchNormInference.apply(
                            g, v.get(0), v.get(1), v.get(2), v.get(3), v.get(4), activation)),
                in("x", x),
                between("gamma", 0.5, 1.5, x[1]),
                between("beta", -0.1, 0.1, x[1]),
                constant("mean", -0.1, 0.1, x[1]),
                constant("variance", 0.5, 1.5, x[1])));
      }
    }
    for (long[] x : shapes) {
      cases.add(shortcutNorm("", x));
      cases.add(
          OpCase.of(
              "batch norm of all shards " + ElapidOp.shape(x),
              OpCases::batchNormOfAllShards,
              in("x", x),
              between("gamma", 0.5, 1.5, x[1]),
              between("beta", -0.1, 0.1, x[1])));
      cases.add(
          OpCase.of(
              "layer norm " + ElapidOp.shape(x),
              (g, v) -> List.of(LayerNorm2d.apply(g, v.get(0), v.get(1), v.get(2))),
              in("x", x),
              between("weight", 0.5, 1.5, 1, x[1], 1),
              between("bias", -0.1, 0.1, 1, x[1], 1)));
    }
  }

  private static OpCase shortcutNorm(String prefix, long... x) {
    return OpCase.of(
        prefix + "shortcut norm " + ElapidOp.shape(x),
        OpCases::shortcutNorm,
        in("u", x),
        in("x", x),
        in("weight", x[1], 1, 1, 1),
        in("bias", x[1]),
        between("inner_gamma", 0.5, 1.5, x[1]),
        between("inner_beta", -0.1, 0.1, x[1]),
        between("outer_gamma", 0.5, 1.5, x[1]),
        between("outer_beta", -0.1, 0.1, x[1]));
  }

  private static List<SDVariable> shortcutNorm(SameDiff graph, List<SDVariable> v) {
    ShortcutNorm.Parameters by =
        new ShortcutNorm.Parameters(
            v.get(2),
            v.get(3),
            new ShortcutNorm.Norm(v.get(4), v.get(5)),
            new ShortcutNorm.Norm(v.get(6), v.get(7)));
    ShortcutNorm.Outputs out = ShortcutNorm.apply(graph, v.get(0), v.get(1), by, 1e-5);
    return List.of(
        out.y(),
        out.inner().mean(),
        out.inner().variance(),
        out.outer().mean(),
        out.outer().variance());
  }

  private static List<SDVariable> batchNormOfAllShards(SameDiff graph, List<SDVariable> v) {
    var all = BatchMoments.apply(graph, ChannelMoments.apply(graph, v.get(0)));
    SDVariable y =
        BatchNormInference.apply(
            graph, v.get(0), v.get(1), v.get(2), all.mean(), all.variance(), ActivationKind.RELU);
    return List.of(y, all.mean(), all.unbiased());
  }

  private static List<SDVariable> batchNorm(
      SameDiff graph, List<SDVariable> v, ActivationKind activation) {
    BatchNorm.Outputs out = BatchNorm.apply(graph, v.get(0), v.get(1), v.get(2), activation);
    return List.of(out.y(), out.mean(), out.variance());
  }

  private static void hiddenStates(List<OpCase> cases) {
    for (long[] s :
        new long[][] {{2, 8, 5, 16}, {1, 3, 4, 1}, {2, 5, 7, 49}, {1, 17, 9, 20}, {2, 4, 1, 33}}) {
      cases.add(
          OpCase.of(
              "hidden state " + ElapidOp.shape(s),
              (g, v) -> List.of(HiddenState.apply(g, v.get(0), v.get(1), v.get(2), v.get(3))),
              in("x", s[0], s[1], s[3]),
              in("b", s[0], s[2], s[3]),
              between("dt", -3, 3, s[0], s[2], s[3]),
              between("a", 1, 16, s[2])));
    }
    for (long[] s : new long[][] {{2, 8, 5}, {1, 2, 1}, {3, 14, 9}, {2, 32, 16}}) {
      cases.add(
          OpCase.of(
              "hidden gate " + ElapidOp.shape(s),
              (g, v) -> List.of(HiddenGate.apply(g, v.get(0), v.get(1))),
              between("hz", -3, 3, s),
              between("d", 0.5, 1.5, 1)));
    }
  }

  private static void elementwise(List<OpCase> cases) {
    for (ActivationKind kind : ActivationKind.values()) {
      cases.add(
          OpCase.of(
              "activation " + kind,
              (g, v) -> List.of(Activation.apply(g, v.get(0), kind)),
              between("x", -6, 6, 3, 5, 7)));
    }
    for (long[] x : new long[][] {{2, 3, 4, 5}, {1, 1, 1}, {2, 5, 49}, {3, 4, 16}, {2, 3, 7, 5}}) {
      String name = " " + ElapidOp.shape(x);
      cases.add(
          OpCase.of(
              "gated residual" + name,
              (g, v) -> List.of(GatedResidual.apply(g, v.get(0), v.get(1), v.get(2), 2)),
              in("x", x),
              in("f", x),
              between("alpha", -3, -1, 4, x[1])));
      cases.add(
          OpCase.of(
              "sum" + name,
              (g, v) -> List.of(Sum.apply(g, v)),
              in("a", x),
              in("b", x),
              in("c", x)));
      cases.add(
          OpCase.of(
              "spatial mean" + name,
              (g, v) -> List.of(SpatialMean.apply(g, v.get(0))),
              in("x", x)));
      cases.add(
          OpCase.of(
              "channel scale" + name,
              (g, v) -> List.of(ChannelScale.apply(g, v.get(0), v.get(1))),
              in("x", x),
              between("s", 0, 1, x[0], x[1])));
    }
  }

  private static void heads(List<OpCase> cases) {
    for (long[] s : new long[][] {{3, 7, 5}, {1, 1, 1}, {2, 32, 10}, {5, 37, 33}}) {
      cases.add(
          OpCase.of(
              "linear " + ElapidOp.shape(s),
              (g, v) -> List.of(Linear.apply(g, v.get(0), v.get(1), v.get(2))),
              in("x", s[0], s[1]),
              in("w", s[2], s[1]),
              in("bias", s[2])));
    }
    for (long[] s : new long[][] {{3, 7, 5, 9}, {1, 1, 1, 1}, {2, 33, 10, 17}}) {
      cases.add(
          OpCase.of(
              "matrix product " + ElapidOp.shape(s),
              (g, v) -> List.of(MatrixProduct.apply(g, v.get(0), v.get(1))),
              in("a", s[0], s[1], s[2]),
              in("b", s[0], s[2], s[3])));
    }
    cases.add(
        OpCase.of(
            "softmax mix",
            (g, v) -> List.of(SoftmaxMix.apply(g, v.get(0), v.subList(1, 4))),
            in("weights", 3),
            in("first", 2, 21),
            in("second", 2, 21),
            in("third", 2, 21)));
    for (long[] s : new long[][] {{3, 7}, {1, 1}, {4, 33}}) {
      cases.add(
          OpCase.of(
              "cross entropy " + ElapidOp.shape(s),
              (g, v) -> List.of(SoftmaxCrossEntropy.apply(g, v.get(0), v.get(1))),
              between("logits", -2, 2, s),
              constant("targets", 0, 1, s)));
      for (SoftDistillation.Average average : SoftDistillation.Average.values()) {
        cases.add(
            OpCase.of(
                "soft distillation " + average + " " + ElapidOp.shape(s),
                (g, v) -> List.of(SoftDistillation.apply(g, v.get(0), v.get(1), 1.5, average)),
                between("logits", -2, 2, s),
                constant("teacher", -2, 2, s)));
      }
    }
  }
}
