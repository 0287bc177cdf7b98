package io.elapid.op;

import static io.elapid.op.OpCase.between;
import static io.elapid.op.OpCase.constant;
import static io.elapid.op.OpCase.in;

import io.elapid.op.ChannelAffine.Terms;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Ops that cut, join, scale and transform feature maps. */
final class MapCases {
  private static final long[][] SHAPES = {
    {2, 3, 4, 5}, {1, 1, 1, 1}, {2, 5, 7, 7}, {3, 4, 4, 4}, {1, 2, 3, 37}
  };

  private MapCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (long[] shape : SHAPES) {
      wavelets(cases, "", shape);
      patches(cases, "", shape);
      gates(cases, "", shape);
      affine(cases, "", shape);
    }
    for (long[] shape : new long[][] {{2, 3, 4, 5}, {1, 1, 1, 1}, {2, 2, 3, 1}, {1, 3, 5, 18}}) {
      for (int pool : new int[] {2, 4, 8}) {
        pyramid(cases, "", pool, shape);
      }
    }
    channels(cases, "", 2, 5, 3, 4);
    channels(cases, "", 1, 1, 1, 1);
    channels(cases, "", 3, 4, 17, 2);
    return cases;
  }

  /** Large enough that kernels share the work among threads. */
  static List<OpCase> large() {
    List<OpCase> cases = new ArrayList<>();
    for (long[] shape : new long[][] {{3, 20, 33, 35}, {2, 24, 32, 32}}) {
      wavelets(cases, "large ", shape);
      patches(cases, "large ", shape);
      gates(cases, "large ", shape);
      affine(cases, "large ", shape);
    }
    for (int pool : new int[] {2, 4, 8}) {
      pyramid(cases, "large ", pool, 3, 20, 40 / pool, 36 / pool);
    }
    channels(cases, "large ", 3, 64, 14, 14);
    return cases;
  }

  private static void wavelets(List<OpCase> cases, String prefix, long... x) {
    cases.add(
        OpCase.of(
            prefix + "haar dwt " + ElapidOp.shape(x),
            (g, v) -> List.of(HaarDwt.apply(g, v.get(0))),
            in("x", x)));
    cases.add(
        OpCase.of(
            prefix + "haar idwt " + ElapidOp.shape(x),
            (g, v) -> List.of(HaarIdwt.apply(g, v.get(0), x[2], x[3])),
            in("y", x[0], 4 * x[1], (x[2] + 1) / 2, (x[3] + 1) / 2)));
  }

  private static void patches(List<OpCase> cases, String prefix, long... x) {
    cases.add(
        OpCase.moving(
            prefix + "patch gather " + ElapidOp.shape(x),
            (g, v) -> List.of(PatchGather.apply(g, v.get(0))),
            in("x", x)));
  }

  private static void gates(List<OpCase> cases, String prefix, long... x) {
    cases.add(
        OpCase.of(
            prefix + "silu gate " + ElapidOp.shape(x),
            (g, v) -> List.of(SiluGate.apply(g, v.get(0), v.get(1))),
            in("y", x),
            between("z", -6, 6, x)));
    cases.add(
        OpCase.of(
            prefix + "sample scale " + ElapidOp.shape(x),
            (g, v) -> List.of(SampleScale.apply(g, v.get(0), v.get(1), v.get(2))),
            in("x", x),
            constant("factors", 0, 2, x[0]),
            in("residual", x)));
  }

  private static void affine(List<OpCase> cases, String prefix, long... x) {
    String name = prefix + "channel affine " + ElapidOp.shape(x);
    OpCase.Input scale = in("scale", x[1], 1, 1);
    cases.add(
        OpCase.of(
            name,
            (g, v) -> List.of(ChannelAffine.apply(g, v.get(0), Terms.scale(v.get(1)))),
            in("x", x),
            scale));
    cases.add(
        OpCase.of(
            name + " with bias",
            (g, v) -> {
              Terms terms = Terms.convolution(v.get(1)).plusBias(v.get(2));
              return List.of(ChannelAffine.apply(g, v.get(0), terms));
            },
            in("x", x),
            scale,
            in("bias", x[1])));
    cases.add(
        OpCase.of(
            name + " with residual",
            (g, v) -> {
              Terms terms = Terms.scale(v.get(1)).plus(v.get(2));
              return List.of(ChannelAffine.apply(g, v.get(0), terms));
            },
            in("x", x),
            scale,
            in("residual", x)));
    cases.add(
        OpCase.of(
            name + " with everything",
            (g, v) -> {
              Terms terms =
                  Terms.convolution(v.get(1)).plusInput().plusBias(v.get(2)).plus(v.get(3));
              return List.of(ChannelAffine.apply(g, v.get(0), terms));
            },
            in("x", x),
            scale,
            in("bias", x[1]),
            in("residual", x)));
  }

  private static void pyramid(List<OpCase> cases, String prefix, int pool, long... low) {
    String name = pool + " " + ElapidOp.shape(low);
    long[] full = {low[0], low[1], pool * low[2], pool * low[3]};
    cases.add(
        OpCase.of(
            prefix + "laplace low part " + name,
            (g, v) -> {
              LaplaceSplit.Outputs parts = LaplaceSplit.apply(g, v.get(0), pool);
              return List.of(parts.low(), parts.residual());
            },
            in("x", full)));
    cases.add(
        OpCase.of(
            prefix + "laplace residual " + name,
            (g, v) -> {
              LaplaceSplit.Outputs parts = LaplaceSplit.apply(g, v.get(0), pool);
              return List.of(parts.residual(), parts.low());
            },
            in("x", full)));
    cases.add(
        OpCase.of(
            prefix + "laplace merge " + name,
            (g, v) -> List.of(LaplaceMerge.apply(g, v.get(0), v.get(1), pool)),
            in("low", low),
            in("residual", full)));
  }

  private static void channels(List<OpCase> cases, String prefix, long... x) {
    String name = ElapidOp.shape(x);
    cases.add(
        OpCase.moving(
            prefix + "channel concat " + name,
            (g, v) -> List.of(ChannelConcat.apply(g, v)),
            in("first", x),
            in("second", x[0], 3, x[2], x[3]),
            in("third", x[0], 1, x[2], x[3])));
    cases.add(
        OpCase.moving(
            prefix + "channel split " + name,
            (g, v) -> ChannelSplit.apply(g, v.get(0), x[1] + 2, 1),
            in("x", x[0], x[1] + 3, x[2], x[3])));
    cases.add(
        OpCase.moving(
            prefix + "channel split, last part " + name,
            (g, v) -> {
              List<SDVariable> parts = ChannelSplit.apply(g, v.get(0), 2, 1, x[1]);
              return List.of(parts.get(2), parts.get(0), parts.get(1));
            },
            in("x", x[0], x[1] + 3, x[2], x[3])));
  }
}
